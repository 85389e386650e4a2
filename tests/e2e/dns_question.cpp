#include "tests/e2e/dns_question.hpp"

#include <array>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {

DnsQuestion::DnsQuestion(const std::string& name, std::uint16_t port)
    : message_{0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0} {
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    message_.push_back(static_cast<std::uint8_t>(label.size()));
    message_.insert(message_.end(), label.begin(), label.end());
  }
  // The root, type A, class IN.
  message_.insert(message_.end(), {0, 0, 1, 0, 1});
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 ||
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    throw std::runtime_error("no UDP socket for questions");
  }
}

DnsQuestion::~DnsQuestion() {
  ::close(socket_);
}

int DnsQuestion::answers() const {
  std::array<std::uint8_t, 1500> reply{};
  pollfd entry{socket_, POLLIN, 0};
  if (::send(socket_, message_.data(), message_.size(), 0) < 0 || ::poll(&entry, 1, 100) != 1 ||
      ::recv(socket_, reply.data(), reply.size(), 0) < 12) {
    return -1;
  }
  return reply[6] * 256 + reply[7];
}

}  // namespace ronda::test
