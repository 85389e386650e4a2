#include "net/random.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <sys/random.h>

namespace ronda::net {

namespace {

template <std::size_t size>
std::uint64_t big_endian(Random& random) {
  std::array<std::byte, size> bytes{};
  random.fill(bytes);
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) {
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

}  // namespace

std::uint16_t Random::u16() {
  return static_cast<std::uint16_t>(big_endian<2>(*this));
}

// The upper 53 bits: as many as a double holds exactly, so 1.0 cannot come out by rounding.
double Random::unit() {
  return static_cast<double>(big_endian<8>(*this) >> 11) * 0x1.0p-53;
}

void SystemRandom::fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace ronda::net
