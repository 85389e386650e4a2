// A certificate authority made in memory for one test, its certificates with any name and life
// span.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

namespace ronda::test {

struct LeafOptions {
  std::string name = "www.example.test";
  long from_seconds = -3600;
  long to_seconds = 90L * 24 * 3600;
  std::optional<long> intermediate_to_seconds{};  // issued by an intermediate that ends then
  bool alternative_name = true;                   // else only a common name
  bool agrees_on_protocol = false;                // by ALPN, to the client's first choice
  bool stale_intermediate = false;                // presented in front of it: the same one, ended
};

class TestCa {
 public:
  TestCa();
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  std::string file() const { return file_.string(); }  // the authority's own certificate, PEM
  std::shared_ptr<SSL_CTX> server(const LeafOptions& options = {}) const;

 private:
  std::shared_ptr<X509> intermediate(long from, long to, EVP_PKEY* key) const;

  std::filesystem::path file_{};
  std::shared_ptr<EVP_PKEY> key_{};
  std::shared_ptr<X509> certificate_{};
};

}  // namespace ronda::test
