// Chance under the test's control: what was pushed comes out first, then a fixed sequence per seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "net/random.hpp"

namespace ronda::test {

class FakeRandom final : public net::Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed * 2 + 1) {}

  void push_u16(std::uint16_t value) { push(value, 2); }
  // The next unit() is `value`, which must lie in [0, 1).
  void push_unit(double value) { push(static_cast<std::uint64_t>(value * 0x1.0p53) << 11, 8); }
  void push_byte(std::byte value) { scripted_.push_back(value); }
  // Bytes pushed and not yet asked for.
  std::size_t unused() const { return scripted_.size(); }

  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) {
      if (!scripted_.empty()) {
        byte = scripted_.front();
        scripted_.pop_front();
      } else {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::byte>(state_ >> 56);
      }
    }
  }

 private:
  void push(std::uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0;) {
      scripted_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
    }
  }

  std::uint64_t state_;
  std::deque<std::byte> scripted_{};
};

}  // namespace ronda::test
