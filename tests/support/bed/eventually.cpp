#include "tests/support/bed/eventually.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {

namespace {

bool connects(const char* address, std::uint16_t port) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, address, &v4) == 1) {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    peer.sin_addr = v4;
    std::memcpy(&storage, &peer, sizeof peer);
    length = sizeof peer;
  } else if (inet_pton(AF_INET6, address, &v6) == 1) {
    sockaddr_in6 peer{};
    peer.sin6_family = AF_INET6;
    peer.sin6_port = htons(port);
    peer.sin6_addr = v6;
    std::memcpy(&storage, &peer, sizeof peer);
    length = sizeof peer;
  } else {
    return false;
  }
  const int descriptor = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return false;
  }
  const bool connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
  ::close(descriptor);
  return connected;
}

}  // namespace

bool accepts(const char* address, std::uint16_t port, std::chrono::milliseconds limit) {
  return eventually(limit, [&] { return connects(address, port); });
}

bool refuses(const char* address, std::uint16_t port, std::chrono::milliseconds limit) {
  return eventually(limit, [&] { return !connects(address, port); });
}

}  // namespace ronda::test
