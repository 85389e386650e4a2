// A vsftpd as an FTP replica: anonymous login and explicit TLS on one address. Started by root it
// drops its rights as usual; started by anybody else it serves as that user.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/server.hpp"

namespace ronda::test {

class Vsftpd : public Server {
 public:
  // Starts it. Passive connections use passive_port to passive_port + 9.
  Vsftpd(const std::string& address, std::uint16_t port, std::uint16_t passive_port,
         const Certificates& certificates);
  // A file for everybody, changed so long ago.
  void publish(const std::string& name, const std::string& text, std::chrono::seconds age);
  std::string protocol_log() const;  // each command and reply
};

}  // namespace ronda::test
