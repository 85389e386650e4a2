// A Postfix of the test's own as a mail replica: SMTP with STARTTLS on one address, every message
// discarded. Needs root, as Postfix does; never touches /etc/postfix or the system's queue.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Postfix : public Server {
 public:
  // Starts it. Its master takes its children along when it ends.
  Postfix(const std::string& address, std::uint16_t port, const Certificates& certificates);
};

}  // namespace ronda::test
