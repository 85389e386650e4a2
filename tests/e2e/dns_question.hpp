// Asks a name server one question over and over on one UDP socket, quicker than a dig could be
// started: for the time at which an answer changed. Not a resolver; it looks at the answer count
// only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ronda::test {

class DnsQuestion {
 public:
  // The A records of `name` at 127.0.0.1:port.
  DnsQuestion(const std::string& name, std::uint16_t port);
  ~DnsQuestion();
  DnsQuestion(const DnsQuestion&) = delete;
  DnsQuestion& operator=(const DnsQuestion&) = delete;

  int answers() const;  // records in the answer, or -1 without a reply within 100 ms

 private:
  std::vector<std::uint8_t> message_{};
  int socket_ = -1;
};

}  // namespace ronda::test
