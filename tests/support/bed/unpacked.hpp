// Servers that Debian does not let be installed beside others of their kind, unpacked by
// tools/prepare for the tests alone: an Exim beside the Postfix, a ProFTPD beside the vsftpd.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

// SMTP with STARTTLS, and over TLS on the port after it; takes mail for every mailbox and throws it
// away. Needs root: the user it drops its rights to is told to it alone, by nss_wrapper (package
// libnss-wrapper).
class Exim : public Server {
 public:
  Exim(const std::string& address, std::uint16_t port, const Certificates& certificates);
  std::string main_log() const;  // what its clients did
};

// FTP for anonymous. Passive connections use passive_port to passive_port + 9.
class Proftpd : public Server {
 public:
  enum class Tls : std::uint8_t { starttls, implicit };
  Proftpd(const std::string& address, std::uint16_t port, std::uint16_t passive_port,
          const Certificates& certificates, Tls tls = Tls::starttls);
  std::string command_log() const;  // a line a command: its name and the code of the reply
  std::string trouble_log() const;  // of its sessions and their TLS
};

}  // namespace ronda::test
