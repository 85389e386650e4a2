// A Loop whose time is moved by hand. Nothing happens by itself: advance() runs due timers, ready()
// and raise() stand for the kernel.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "net/loop.hpp"

namespace ronda::test {

class FakeLoop final : public net::Loop {
 public:
  net::SteadyTime now() const override { return state_->now; }
  net::WallTime wall_now() const override { return state_->wall; }
  net::Duration worst_lag_since(net::SteadyTime) const override { return lag_; }

  net::Handle at(net::SteadyTime when, Callback callback) override {
    const TimerKey key{when, state_->next_order++};
    state_->timers.emplace(key, std::move(callback));
    return std::make_unique<Timer>(state_, key);
  }

  std::unique_ptr<net::Watch> watch(int descriptor, OnReady callback) override {
    if (state_->watches.contains(descriptor)) {
      throw std::logic_error("FakeLoop: a second Watch for one descriptor");
    }
    const auto slot = std::make_shared<Slot>(Slot{net::Interest::none, std::move(callback)});
    state_->watches.emplace(descriptor, slot);
    return std::make_unique<FakeWatch>(state_, descriptor, slot);
  }

  net::Handle on_signal(int number, Callback callback) override {
    const auto shared = std::make_shared<Callback>(std::move(callback));
    const std::size_t id = state_->next_order++;
    state_->signals.emplace(std::pair(number, id), shared);
    return std::make_unique<Signal>(state_, std::pair(number, id));
  }

  // Moves both clocks, running what is due in order of time, ties in order of asking.
  void advance(net::Duration duration) { advance_to(state_->now + duration); }
  void advance_to(net::SteadyTime target) {
    std::size_t runs = 0;
    while (!state_->timers.empty() && state_->timers.begin()->first.first <= target) {
      if (++runs > kMostRuns) {
        throw std::logic_error("FakeLoop: timers set each other off without end");
      }
      auto node = state_->timers.extract(state_->timers.begin());
      move_clocks(node.key().first);
      node.mapped()();
    }
    move_clocks(target);
  }
  // Runs what is due already, without moving time.
  void run_due() { advance(net::Duration::zero()); }

  void set_wall(net::WallTime wall) { state_->wall = wall; }
  void set_lag(net::Duration lag) { lag_ = lag; }

  // Fires the descriptor's watch with what it wants of `ready`; false when it wants none of it.
  bool ready(int descriptor, net::Interest ready) {
    const auto found = state_->watches.find(descriptor);
    if (found == state_->watches.end()) {
      return false;
    }
    const std::shared_ptr<Slot> slot = found->second;
    const auto wanted = static_cast<net::Interest>(static_cast<unsigned>(slot->interest) &
                                                   static_cast<unsigned>(ready));
    if (wanted == net::Interest::none) {
      return false;
    }
    slot->callback(wanted);
    return true;
  }
  // Nothing when the descriptor is not watched.
  std::optional<net::Interest> interest(int descriptor) const {
    const auto found = state_->watches.find(descriptor);
    return found == state_->watches.end() ? std::nullopt : std::optional(found->second->interest);
  }

  // False when nobody listens for it.
  bool raise(int number) {
    std::vector<std::pair<std::pair<int, std::size_t>, std::shared_ptr<Callback>>> called;
    for (const auto& entry : state_->signals) {
      if (entry.first.first == number) {
        called.push_back(entry);
      }
    }
    for (const auto& [key, callback] : called) {
      if (state_->signals.contains(key)) {
        (*callback)();
      }
    }
    return !called.empty();
  }

  std::size_t pending_timers() const { return state_->timers.size(); }
  std::optional<net::SteadyTime> next_timer() const {
    return state_->timers.empty() ? std::nullopt
                                  : std::optional(state_->timers.begin()->first.first);
  }

 private:
  static constexpr std::size_t kMostRuns = 10'000'000;
  using TimerKey = std::pair<net::SteadyTime, std::size_t>;
  struct Slot {
    net::Interest interest;
    OnReady callback;
  };
  struct State {
    net::SteadyTime now{std::chrono::hours(1)};
    net::WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    std::size_t next_order = 0;
    std::map<TimerKey, Callback> timers{};
    std::map<int, std::shared_ptr<Slot>> watches{};
    std::map<std::pair<int, std::size_t>, std::shared_ptr<Callback>> signals{};
  };

  // Handles may outlive the loop in a test's scope: they hold its state weakly.
  struct Timer final : net::Cancellable {
    Timer(std::weak_ptr<State> s, TimerKey k) : state(std::move(s)), key(k) {}
    ~Timer() override {
      if (const auto alive = state.lock()) {
        const auto node = alive->timers.extract(key);
      }
    }
    std::weak_ptr<State> state;
    TimerKey key;
  };
  struct Signal final : net::Cancellable {
    Signal(std::weak_ptr<State> s, std::pair<int, std::size_t> k) : state(std::move(s)), key(k) {}
    ~Signal() override {
      if (const auto alive = state.lock()) {
        const auto node = alive->signals.extract(key);
      }
    }
    std::weak_ptr<State> state;
    std::pair<int, std::size_t> key;
  };
  struct FakeWatch final : net::Watch {
    FakeWatch(std::weak_ptr<State> s, int d, std::shared_ptr<Slot> own)
        : state(std::move(s)), descriptor(d), slot(std::move(own)) {}
    ~FakeWatch() override {
      if (const auto alive = state.lock()) {
        const auto node = alive->watches.extract(descriptor);
      }
    }
    void want(net::Interest interest) override { slot->interest = interest; }
    std::weak_ptr<State> state;
    int descriptor;
    std::shared_ptr<Slot> slot;
  };

  void move_clocks(net::SteadyTime target) {
    if (target > state_->now) {
      state_->wall += target - state_->now;
      state_->now = target;
    }
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
  net::Duration lag_{};
};

}  // namespace ronda::test
