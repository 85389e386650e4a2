// A vsftpd as an FTP replica: anonymous login and explicit TLS on one address. Started by root it
// drops its rights as usual; started by anybody else it serves as that user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

class Vsftpd {
 public:
  // Passive connections use passive_port to passive_port + 9.
  Vsftpd(std::string address, std::uint16_t port, std::uint16_t passive_port,
         const Certificates& certificates);
  void start();  // waits until it accepts
  void stop();
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::uint16_t port_;
  TempFolder folder_{};
  std::unique_ptr<Process> process_{};
};

}  // namespace ronda::test
