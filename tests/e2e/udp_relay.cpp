#include "tests/e2e/udp_relay.hpp"

#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {
namespace {

constexpr int kLookMs = 20;       // how soon the end is noticed
constexpr int kAnswerMs = 5'000;  // a real named answers within

sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool is_readable(int descriptor, int milliseconds) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, milliseconds) == 1;
}

bool is_update(const dnsupdate::Bytes& message) {
  return message.size() > 2 && (std::to_integer<unsigned>(message[2]) >> 3U & 0x0fU) == 5;
}

dnsupdate::Bytes receive(int descriptor, sockaddr_in* from) {
  dnsupdate::Bytes octets(65'535);
  socklen_t length = sizeof(sockaddr_in);
  const ssize_t got =
      ::recvfrom(descriptor, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(from),
                 from == nullptr ? nullptr : &length);
  octets.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return octets;
}

// The true answer, asked from a socket of its own.
dnsupdate::Bytes ask(std::uint16_t port, const dnsupdate::Bytes& message) {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_address(port);
  dnsupdate::Bytes answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(descriptor, message.data(), message.size(), 0) > 0 &&
      is_readable(descriptor, kAnswerMs)) {
    answer = receive(descriptor, nullptr);
  }
  ::close(descriptor);
  return answer;
}

}  // namespace

UdpRelay::UdpRelay(std::uint16_t primary_port, Meddling meddling)
    : meddling_(std::move(meddling)), primary_port_(primary_port) {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback_address(0);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, generic, length) != 0 || ::getsockname(socket_, generic, &length) != 0) {
    ::close(socket_);
    throw std::runtime_error("no port free for UDP");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

UdpRelay::~UdpRelay() {
  done_ = true;
  thread_.join();
  ::close(socket_);
}

void UdpRelay::serve() {
  while (!done_) {
    if (!is_readable(socket_, kLookMs)) {
      continue;
    }
    sockaddr_in from{};
    const dnsupdate::Bytes asked = receive(socket_, &from);
    const auto reply = [&](const dnsupdate::Bytes& octets) {
      ::sendto(socket_, octets.data(), octets.size(), 0, reinterpret_cast<const sockaddr*>(&from),
               sizeof from);
    };
    const bool update = is_update(asked);
    updates_ += update ? 1 : 0;
    for (const dnsupdate::Bytes& octets :
         update&& meddling_.before ? meddling_.before(asked) : std::vector<dnsupdate::Bytes>()) {
      reply(octets);
    }
    const dnsupdate::Bytes answer = ask(primary_port_, asked);
    if (update && meddling_.lost_replies > 0) {
      --meddling_.lost_replies;
    } else {
      reply(answer);
    }
  }
}

}  // namespace ronda::test
