// The event loop as a port: timers, readiness of descriptors, signals. One thread runs it and
// nothing on it blocks. Dropping a handle cancels what it stands for, also from inside its own
// callback. Implementations: UvLoop (production) and tests/support/fake_loop (time moved by hand).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "net/time.hpp"

namespace ronda::net {

// Anything whose destruction cancels something.
class Cancellable {
 public:
  Cancellable() = default;
  Cancellable(const Cancellable&) = delete;
  Cancellable& operator=(const Cancellable&) = delete;
  virtual ~Cancellable() = default;
};
using Handle = std::unique_ptr<Cancellable>;

enum class Interest : std::uint8_t { none = 0, read = 1, write = 2, both = 3 };
constexpr bool has(Interest set, Interest one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}
constexpr Interest operator|(Interest a, Interest b) {
  return static_cast<Interest>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

// Level-triggered readiness of one descriptor, which stays the caller's. One Watch per descriptor.
class Watch : public Cancellable {
 public:
  // Re-arms in place. A new Watch starts with Interest::none. Errors and hang-ups are reported as
  // whatever was asked for, so that the next system call names them.
  virtual void want(Interest interest) = 0;
};

class Loop {
 public:
  using Callback = std::function<void()>;
  using OnReady = std::function<void(Interest ready)>;

  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  // Constant within one callback.
  virtual SteadyTime now() const = 0;
  virtual WallTime wall_now() const = 0;
  // Calls back once, at `when` or as soon as possible after it, never inside at() itself; equal
  // times in order of asking.
  [[nodiscard]] virtual Handle at(SteadyTime when, Callback callback) = 0;
  [[nodiscard]] virtual std::unique_ptr<Watch> watch(int descriptor, OnReady callback) = 0;
  // While the handle lives the signal's default action is off.
  [[nodiscard]] virtual Handle on_signal(int number, Callback callback) = 0;
  // The longest time since `start` for which the loop was late in serving what was due: how much of
  // a timeout may be our own fault. Nothing is late while nothing is due.
  virtual Duration worst_lag_since(SteadyTime start) const = 0;
};

}  // namespace ronda::net
