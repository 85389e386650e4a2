// A MariaDB of its own in a temporary folder. It knows "probe" with the password "secret-word",
// from any host; "stranger", who needs a plugin that we do not speak; and blocks a host after three
// connections broken off.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Mariadb : public Server {
 public:
  // With TLS where certificates are given; `more` are options of its command line.
  Mariadb(const std::string& address, std::uint16_t port,
          const Certificates* certificates = nullptr, const Arguments& more = {});
  // What it knows of the host at this address: connections broken off in a row.
  std::string connect_errors(const std::string& host) const;
  std::string query(const std::string& text) const;  // as root
};

}  // namespace ronda::test
