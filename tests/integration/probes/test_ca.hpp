// A certificate authority made in memory for one test, its certificates with any name and life
// span.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace ronda::test {

struct LeafOptions {
  std::string name = "www.example.test";
  long from_seconds = -3600;
  long to_seconds = 90L * 24 * 3600;
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
  std::filesystem::path file_{};
  std::shared_ptr<EVP_PKEY> key_{};
  std::shared_ptr<X509> certificate_{};
};

}  // namespace ronda::test
