// One nginx in one process as a web replica: plain HTTP and, with certificates, HTTPS on one
// address. Answers 200 on /health while healthy, redirects /old to it, and /secure to it over TLS.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Nginx : public Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // required
    std::uint16_t tls_port = 0;
    std::optional<Certificates> certificates{};  // required with tls_port
    std::uint16_t client_port = 0;  // TLS for clients with a certificate of the same authority
    bool http2 = false;             // on the plain port then nothing else
  };

  explicit Nginx(const Options& options);  // starts it
  void set_healthy(bool healthy);          // false: /health answers 404
  // A page at /name, changed so long ago.
  void publish(const std::string& name, const std::string& text,
               std::chrono::seconds age = std::chrono::seconds(0));
  std::string access_log() const;
  std::size_t requests() const;  // finished ones, from the access log
};

}  // namespace ronda::test
