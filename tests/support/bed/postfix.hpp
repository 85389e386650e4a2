// A Postfix of the test's own as a mail replica: SMTP with STARTTLS on one address, every message
// discarded. Needs root, as Postfix does; never touches /etc/postfix or the system's queue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/process.hpp"
#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

class Postfix {
 public:
  Postfix(std::string address, std::uint16_t port, const Certificates& certificates);
  void start();  // waits until it accepts
  void stop();   // master takes its children along
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::uint16_t port_;
  TempFolder folder_{};
  std::unique_ptr<Process> process_{};
};

}  // namespace ronda::test
