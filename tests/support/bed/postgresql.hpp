// A PostgreSQL of its own in a temporary folder, as another user where the test is root. It knows
// "probe" with the password "secret-word", told by SCRAM, MD5, in clear text, or not asked for.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Postgresql : public Server {
 public:
  struct Setup {
    std::string login = "scram-sha-256";  // the method of pg_hba.conf
    std::string who = "all";              // the users it lets in
    bool standby = false;                 // in recovery, with nobody to follow
    const Certificates* certificates = nullptr;
    std::string more{};                     // lines of postgresql.conf
    std::string ready = "ready to accept";  // in its log, once it is as the test wants it
  };
  Postgresql(const std::string& address, std::uint16_t port, const Setup& setup);
};

}  // namespace ronda::test
