// Waiting for something another process does: asks again every few milliseconds, bounded. Not for
// anything inside this process, which a test can step itself.
#pragma once

#include <chrono>
#include <cstdint>

#include <poll.h>

namespace ronda::test {

template <typename Predicate>
bool eventually(std::chrono::milliseconds limit, Predicate&& holds) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    ::poll(nullptr, 0, 2);
  }
  return true;
}

// True where somebody listens at address:port of this network; asks the kernel, so that no server
// is troubled by a connection from nobody.
bool listens(const char* address, std::uint16_t port);
// True once a TCP connection to address:port is not accepted. Bounded by `limit`.
bool refuses(const char* address, std::uint16_t port, std::chrono::milliseconds limit);
bool accepts(const char* address, std::uint16_t port);  // now

}  // namespace ronda::test
