// A certificate authority of the test's own and one server certificate signed by it, made by
// openssl in a given folder. Not for anything outside a test: the keys are readable to everybody.
#pragma once

#include <filesystem>
#include <string>

namespace ronda::test {

struct Certificates {
  std::filesystem::path ca;           // PEM, for ca_file
  std::filesystem::path certificate;  // PEM
  std::filesystem::path key;          // PEM, mode 0644
};

// `names` is an OpenSSL subjectAltName, for example "DNS:www.example.com,IP:127.0.0.1". With -1
// days the server's certificate has ended.
Certificates make_certificates(const std::filesystem::path& folder, const std::string& names,
                               int days = 30);

struct ClientCertificate {
  std::filesystem::path certificate;  // PEM
  std::filesystem::path key;          // PEM
};

// For a client that is known by the authority of `made`, beside its files.
ClientCertificate make_client_certificate(const Certificates& made);

}  // namespace ronda::test
