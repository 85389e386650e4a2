#include "tests/support/bed/eventually.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {

namespace {

struct Place {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family = AF_UNSPEC;
  std::string in_hex{};  // as /proc/net/tcp writes it: words of the machine's order
};

Place place_of(const char* address, std::uint16_t port) {
  Place place;
  in_addr v4{};
  in6_addr v6{};
  std::vector<std::uint32_t> words;
  if (inet_pton(AF_INET, address, &v4) == 1) {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    peer.sin_addr = v4;
    std::memcpy(&place.storage, &peer, sizeof peer);
    place.length = sizeof peer;
    words.resize(1);
    std::memcpy(words.data(), &v4, sizeof v4);
  } else if (inet_pton(AF_INET6, address, &v6) == 1) {
    sockaddr_in6 peer{};
    peer.sin6_family = AF_INET6;
    peer.sin6_port = htons(port);
    peer.sin6_addr = v6;
    std::memcpy(&place.storage, &peer, sizeof peer);
    place.length = sizeof peer;
    words.resize(4);
    std::memcpy(words.data(), &v6, sizeof v6);
  }
  place.family = place.storage.ss_family;
  char text[16];
  for (const std::uint32_t word : words) {
    std::snprintf(text, sizeof text, "%08X", word);
    place.in_hex += text;
  }
  std::snprintf(text, sizeof text, ":%04X", port);
  place.in_hex += text;
  return place;
}

}  // namespace

bool listens(const char* address, std::uint16_t port) {
  constexpr const char* kListening = "0A";
  const Place place = place_of(address, port);
  std::string everywhere = place.in_hex;
  std::fill(everywhere.begin(), everywhere.begin() + static_cast<long>(everywhere.find(':')), '0');
  std::ifstream table(place.family == AF_INET6 ? "/proc/thread-self/net/tcp6"
                                               : "/proc/thread-self/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    if (state == kListening && (local == place.in_hex || local == everywhere)) {
      return true;
    }
  }
  return false;
}

bool accepts(const char* address, std::uint16_t port) {
  const Place place = place_of(address, port);
  const int descriptor = ::socket(place.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return false;
  }
  // Where the queue of a listener is full, connect() would wait for minutes.
  const timeval limit{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const bool connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&place.storage), place.length) == 0;
  ::close(descriptor);
  return connected;
}

bool refuses(const char* address, std::uint16_t port, std::chrono::milliseconds limit) {
  return eventually(limit, [&] { return !accepts(address, port); });
}

}  // namespace ronda::test
