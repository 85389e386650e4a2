// When each probe is due: start-to-start, first starts spread by a hash, 5 % jitter, never two
// rounds of one probe at once. One wheel of 5 ms slots served by one timer of the shell. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/random.hpp"
#include "net/time.hpp"

namespace ronda::agent {

class Schedule {
 public:
  Schedule(net::Random& random, net::SteadyTime now);

  // Adds probe `id` (dense, from 0). Its first round starts within [now, now + spread), placed by a
  // hash of `key`; a spread of 0 is now.
  void add(std::size_t id, std::string_view key, net::Duration spread, net::SteadyTime now);
  void remove(std::size_t id);
  // Takes out every probe due at `now`, in order of time; they count as running from now on.
  std::vector<std::size_t> take_due(net::SteadyTime now);
  // The round that take_due started has ended; the next starts `interval` (jittered) after that
  // start, or now when that is past. A round that started late by more than half an interval
  // (suspend, SIGSTOP) returns to its old beat instead, or all probes would stay in step from then
  // on.
  void finished(std::size_t id, net::Duration interval, net::SteadyTime now);
  // The state changed: the probe, unless running, is due `interval` after its last start.
  void hasten(std::size_t id, net::Duration interval, net::SteadyTime now);
  std::optional<net::SteadyTime> next_due() const;

 private:
  struct Entry {
    bool present = false;
    bool running = false;
    bool started_once = false;
    net::SteadyTime
        planned{};  // when the latest round should have started, for one that started late
    net::SteadyTime started{};
    net::SteadyTime due{};
    std::size_t position = 0;  // in its slot
  };

  std::int64_t tick_of(net::SteadyTime time) const;
  std::vector<std::size_t>& slot_of(std::int64_t tick);
  void plan(std::size_t id, net::SteadyTime due, net::SteadyTime now);
  void unplan(std::size_t id);
  net::SteadyTime next_after(const Entry& entry, net::Duration interval);

  net::Random& random_;
  net::SteadyTime origin_{};
  std::int64_t cursor_ = 0;  // tick up to which the wheel has been emptied
  std::vector<Entry> entries_{};
  std::vector<std::vector<std::size_t>> wheel_{};
  std::size_t planned_ = 0;
  mutable std::optional<net::SteadyTime> next_{};  // exact while set; empty: to be looked for
};

}  // namespace ronda::agent
