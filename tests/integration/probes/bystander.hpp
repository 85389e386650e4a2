// For how long anybody else on a loop has to wait while something goes on there: a tick every
// millisecond, by a stopwatch that stops where the machine has no core.
#pragma once

#include <algorithm>
#include <chrono>

#include "net/loop.hpp"
#include "tests/support/stopwatch.hpp"

namespace ronda::test {

// The most that a peer may delay others, however it behaves. Sanitizers make our own code several
// times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr net::Duration kDelayedAtMost = std::chrono::milliseconds(100);
#else
constexpr net::Duration kDelayedAtMost = std::chrono::milliseconds(10);
#endif

class Bystander {
 public:
  explicit Bystander(net::Loop& loop) : loop_(loop) { arm(); }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;

  net::Duration longest_delay() const { return longest_; }

 private:
  static constexpr net::Duration kBeat = std::chrono::milliseconds(1);

  // The first beat is in the loop: what was before it ran is nobody's delay.
  void arm() {
    beat_ = loop_.at(loop_.now() + kBeat, [this] {
      if (begun_) {
        longest_ = std::max(longest_, since_last_.elapsed() - kBeat);
      }
      begun_ = true;
      since_last_ = {};
      arm();
    });
  }

  net::Loop& loop_;
  net::Handle beat_{};
  Stopwatch since_last_{};
  bool begun_ = false;
  net::Duration longest_{};
};

}  // namespace ronda::test
