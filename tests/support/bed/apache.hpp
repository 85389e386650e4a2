// One Apache httpd in one process as a web replica: plain HTTP, on the next port HTTPS, and on the
// one after that HTTPS for clients with a certificate of the same authority. Answers 200 on /health
// while healthy, redirects /old to it, and /secure to it over TLS.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Apache : public Server {
 public:
  // Starts it. Without `http2` it speaks HTTP/1.1 alone.
  Apache(const std::string& address, std::uint16_t port, const Certificates& certificates,
         bool http2 = false);
  void set_healthy(bool healthy);  // false: /health answers 404
  std::string access_log() const { return read_file(folder() / "access.log"); }
};

}  // namespace ronda::test
