#include "agent/health/tracker.hpp"

#include <algorithm>
#include <utility>

namespace ronda::agent {
namespace {

constexpr int kStaleIntervals = 5;
constexpr net::Duration kBackOffEvery = std::chrono::minutes(10);
constexpr net::Duration kBackOffCap = std::chrono::seconds(60);

std::string fraction(int done, int needed) {
  return std::to_string(done) + "/" + std::to_string(needed);
}

}  // namespace

const char* to_string(HealthState state) {
  switch (state) {
    case HealthState::init:
      return "init";
    case HealthState::up:
      return "up";
    case HealthState::falling:
      return "falling";
    case HealthState::down:
      return "down";
    case HealthState::rising:
      return "rising";
    case HealthState::held:
      return "held";
    case HealthState::stale:
      return "stale";
  }
  return "init";
}

Tracker::Tracker(Timing timing, Seed seed, net::SteadyTime now)
    : timing_(timing), seed_(seed), since_(now), last_definite_(now) {
  timing_.fall = std::max(1, timing_.fall);
  timing_.rise = std::max(1, timing_.rise);
  timing_.ok = std::max(1, timing_.ok);
  start_from_seed();
}

void Tracker::start_from_seed() {
  if (seed_ == Seed::up || seed_ == Seed::drained) {
    state_ = HealthState::up;
    drained_ = seed_ == Seed::drained;
  }
  if (seed_ == Seed::down) {
    state_ = HealthState::down;
  }
  // With fall at 1 there is no FALLING to start in: it waits in INIT like any published one.
  if (seed_ == Seed::suspect && timing_.fall > 1) {
    state_ = HealthState::falling;
    passes_ = 0;
    failures_ = timing_.fall - 1;
  }
}

bool Tracker::observe(probes::Verdict verdict, net::SteadyTime now, bool asks_to_drain) {
  const HealthState before = state_;
  if (verdict == probes::Verdict::unknown) {
    // A backed-off DOWN is asked less often than `interval`, so the interval in force counts.
    const net::Duration patience = kStaleIntervals * std::max(timing_.interval, next_interval(now));
    if (state_ != HealthState::stale && now - last_definite_ > patience) {
      before_stale_ = state_;
      enter(HealthState::stale, now);
    }
    return state_ != before;
  }
  last_definite_ = now;
  if (state_ == HealthState::stale) {
    enter(before_stale_, now);
  }
  if (verdict == probes::Verdict::fail || (asks_to_drain && !healthy())) {
    count_failure(now);
  } else {
    // A failure in between takes nobody back who has asked to be left alone.
    drained_ = asks_to_drain;
    count_pass(now);
  }
  drained_ = drained_ && healthy();
  return state_ != before;
}

bool Tracker::confirm(net::SteadyTime now) {
  last_definite_ = now;
  if (state_ != HealthState::stale) {
    return false;
  }
  enter(before_stale_, now);
  return true;
}

void Tracker::count_pass(net::SteadyTime now) {
  switch (state_) {
    case HealthState::init:
      ++passes_;
      if (passes_ >= passes_to_leave_init()) {
        settle(HealthState::up, now);
      }
      return;
    case HealthState::falling:
      ++passes_;
      if (passes_ >= timing_.ok) {
        settle(HealthState::up, now);
      }
      return;
    case HealthState::down:
    case HealthState::rising:
      ++passes_;
      if (passes_ >= timing_.rise) {
        settle(HealthState::up, now);
      } else {
        enter(HealthState::rising, now);
      }
      return;
    case HealthState::up:
    case HealthState::held:
    case HealthState::stale:
      return;
  }
}

void Tracker::count_failure(net::SteadyTime now) {
  switch (state_) {
    // In INIT passes forgive nothing: a probe that alternates would otherwise never be judged.
    case HealthState::init:
    case HealthState::up:
    case HealthState::falling:
      passes_ = 0;
      ++failures_;
      if (failures_ >= timing_.fall) {
        settle(HealthState::down, now);
      } else if (state_ != HealthState::init) {
        enter(HealthState::falling, now);
      }
      return;
    case HealthState::rising:
    case HealthState::held:
    case HealthState::down:
      settle(HealthState::down, now);
      return;
    case HealthState::stale:
      return;
  }
}

void Tracker::settle(HealthState state, net::SteadyTime now) {
  passes_ = 0;
  failures_ = 0;
  enter(state, now);
}

void Tracker::enter(HealthState state, net::SteadyTime now) {
  if (state_ == state) {
    return;
  }
  state_ = state;
  since_ = now;
}

int Tracker::passes_to_leave_init() const {
  return seed_ == Seed::unpublished ? timing_.rise : 1;
}

void Tracker::reseed(Seed seed) {
  if (state_ == HealthState::stale && before_stale_ == HealthState::init) {
    seed_ = seed;
    return;
  }
  if (state_ != HealthState::init) {
    return;
  }
  seed_ = seed;
  if (passes_ >= passes_to_leave_init()) {
    settle(HealthState::up, last_definite_);
  } else if (passes_ == 0 && failures_ == 0) {
    start_from_seed();
  }
}

void Tracker::forget_progress() {
  passes_ = 0;
  failures_ = 0;
}

bool Tracker::healthy() const {
  switch (state_ == HealthState::stale ? before_stale_ : state_) {
    case HealthState::up:
    case HealthState::falling:
      return true;
    case HealthState::init:
      return seed_ == Seed::published || seed_ == Seed::up || seed_ == Seed::suspect;
    case HealthState::down:
    case HealthState::rising:
    case HealthState::held:
    case HealthState::stale:
      return false;
  }
  return false;
}

std::string Tracker::counter() const {
  switch (state_ == HealthState::stale ? before_stale_ : state_) {
    case HealthState::down:
    case HealthState::rising:
      return fraction(passes_, timing_.rise);
    case HealthState::init: {
      const int needed = passes_to_leave_init();
      // The larger of passes/needed and failures/fall, without dividing.
      const bool failing = std::int64_t{failures_} * needed > std::int64_t{passes_} * timing_.fall;
      return failing ? fraction(failures_, timing_.fall) : fraction(passes_, needed);
    }
    case HealthState::up:
    case HealthState::falling:
    case HealthState::held:
    case HealthState::stale:
      break;
  }
  return fraction(failures_, timing_.fall);
}

net::Duration Tracker::next_interval(net::SteadyTime now) const {
  switch (state_) {
    case HealthState::init:
    case HealthState::falling:
    case HealthState::rising:
      return timing_.fast_interval;
    case HealthState::down: {
      const net::Duration cap = std::max(kBackOffCap, timing_.interval);
      net::Duration wait = timing_.interval;
      for (net::Duration left = now - since_; left >= kBackOffEvery && wait < cap;
           left -= kBackOffEvery) {
        wait *= 2;
      }
      return std::min(wait, cap);
    }
    case HealthState::up:
    case HealthState::held:
    case HealthState::stale:
      break;
  }
  return timing_.interval;
}

}  // namespace ronda::agent
