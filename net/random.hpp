// Chance as a parameter: message ids, jitter, port choice. Production takes it from the operating
// system; tests hand in a scripted one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ronda::net {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;
  std::uint16_t u16();
  double unit();  // [0, 1)
};

// getrandom(2).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override;
};

}  // namespace ronda::net
