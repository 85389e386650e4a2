// A Dovecot as a mail replica: IMAP, POP3 and LMTP with STARTTLS, and both mailbox protocols over
// TLS, on five ports of one address. It has one user, "probe" with the password "secret-word".
// Needs root.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Dovecot : public Server {
 public:
  // Starts it: IMAP at first_port, then IMAPS, POP3, POP3S, LMTP.
  Dovecot(const std::string& address, std::uint16_t first_port, const Certificates& certificates);
};

}  // namespace ronda::test
