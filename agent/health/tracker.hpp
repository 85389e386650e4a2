// The state of one probe over time: verdicts in, state out. Thresholds live here and nowhere else.
//
//   INIT     first passes or failures; a published replica needs one pass, an unpublished one
//   `rise` in
//            a row; `fall` failures, whatever passes between them, make DOWN, so that INIT always
//            ends
//   UP       --FAIL--> FALLING (or DOWN when fall is 1)
//   FALLING  failures accumulate; `ok` passes in a row forgive them --> UP; `fall` failures -->
//   DOWN DOWN     --PASS--> RISING (or UP when rise is 1) RISING   `rise` passes in a row --> UP;
//   --FAIL--> DOWN STALE    only UNKNOWN for too long: hold what is published; the next real
//   verdict goes on from the
//            state before
//
// WARN counts as PASS; UNKNOWN moves nothing. A PASS that asks to be drained holds a healthy one as
// it is, drained until it passes without asking; it raises nobody, so one that is DOWN stays DOWN.
// Pure: time comes in.
#pragma once

#include <cstdint>
#include <string>

#include "agent/config/config.hpp"
#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::agent {

enum class HealthState : std::uint8_t { init, up, falling, down, rising, held, stale };
const char* to_string(HealthState state);

enum class Seed : std::uint8_t {
  published,    // in the zone: one pass makes it UP
  unpublished,  // not in the zone: `rise` passes make it UP
  up,           // saved state
  down,         // saved state, not published
  suspect,      // saved DOWN but published: counter at fall - 1
  drained,      // saved drained, not published
};

class Tracker {
 public:
  Tracker(Timing timing, Seed seed, net::SteadyTime now);

  // True when the state changed.
  bool observe(probes::Verdict verdict, net::SteadyTime now, bool asks_to_drain = false);
  // What was observed last holds, by the same word from outside: nothing is counted, and nothing
  // goes stale. True when the state changed.
  bool confirm(net::SteadyTime now);
  // The seed learnt late (the zone could be read only now); means something while INIT only.
  void reseed(Seed seed);
  // Throws counters in progress away (loop gap: suspend, SIGSTOP); the state stays.
  void forget_progress();

  HealthState state() const { return state_; }
  bool solid() const { return state_ != HealthState::init; }
  // Passes when asked last: INIT, UP, FALLING and STALE hold what they were.
  bool healthy() const;
  bool drained() const { return drained_ && healthy(); }
  std::string counter() const;  // "1/3"
  net::SteadyTime since() const { return since_; }
  // How long after the start of one round the next one starts, without jitter: interval when
  // steady, fast_interval in INIT, FALLING and RISING, backing off to 60 s when long down.
  net::Duration next_interval(net::SteadyTime now) const;

 private:
  void start_from_seed();
  void count_pass(net::SteadyTime now);
  void count_failure(net::SteadyTime now);
  void settle(HealthState state, net::SteadyTime now);  // with fresh counters
  void enter(HealthState state, net::SteadyTime now);
  int passes_to_leave_init() const;
  Timing timing_;
  Seed seed_;
  HealthState state_ = HealthState::init;
  HealthState before_stale_ = HealthState::init;
  bool drained_ = false;
  int passes_ = 0;
  int failures_ = 0;
  net::SteadyTime since_{};
  net::SteadyTime last_definite_{};
};

}  // namespace ronda::agent
