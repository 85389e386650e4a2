#include "net/uv_loop.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <system_error>
#include <utility>

#include <uv.h>

#include "net/polled_watch.hpp"

namespace ronda::net {

namespace {

using std::chrono::milliseconds;

// Timers served in one turn before descriptors get their chance.
constexpr int kTimersPerTurn = 256;
// Lags below this are ordinary scheduling.
constexpr Duration kNotableLag = milliseconds(1);
constexpr std::size_t kLagsKept = 512;
// A timer that is always armed keeps run() running when nothing else is watched.
constexpr Duration kIdle = std::chrono::hours(1);

SteadyTime clock_now() {
  return std::chrono::steady_clock::now();
}

void check(int result, const char* what) {
  if (result < 0) {
    throw std::system_error(-result, std::generic_category(), what);
  }
}

int to_uv(Interest interest) {
  return (has(interest, Interest::read) ? UV_READABLE : 0) |
         (has(interest, Interest::write) ? UV_WRITABLE : 0);
}

Interest from_uv(int events) {
  return ((events & UV_READABLE) != 0 ? Interest::read : Interest::none) |
         ((events & UV_WRITABLE) != 0 ? Interest::write : Interest::none);
}

// The recent late servings. A later entry with a greater lag makes earlier ones pointless, so lags
// fall from front to back.
class LagRecord {
 public:
  void add(SteadyTime when, Duration lag) {
    if (lag < kNotableLag) {
      return;
    }
    while (!entries_.empty() && entries_.back().second <= lag) {
      entries_.pop_back();
    }
    entries_.emplace_back(when, lag);
    if (entries_.size() > kLagsKept) {
      entries_.pop_front();
    }
  }
  Duration worst_since(SteadyTime start) const {
    Duration worst{};
    for (const auto& [when, lag] : entries_) {
      worst = std::max(worst, std::min(lag, when - start));
    }
    return worst;
  }

 private:
  std::deque<std::pair<SteadyTime, Duration>> entries_{};
};

}  // namespace

struct UvLoop::State {
  struct TimerEntry {
    Callback callback;
    SteadyTime asked;
  };
  using TimerKey = std::pair<SteadyTime, std::uint64_t>;

  uv_loop_t loop{};
  uv_timer_t alarm{};
  uv_idle_t
      at_once{};  // for what is due already: libuv would serve a timer of 0 ms without polling
  std::map<TimerKey, TimerEntry> timers{};
  std::uint64_t next_order = 0;
  SteadyTime armed_for{};
  bool serving_timers = false;
  bool stopping = false;
  int depth = 0;  // callbacks running: now() is frozen
  SteadyTime frozen{};
  LagRecord lags{};

  // Before anybody judges by it: descriptors are served before timers, and after a pause both wait.
  void note_overdue() {
    if (!timers.empty()) {
      const auto& [key, timer] = *timers.begin();
      lags.add(frozen, frozen - std::max(key.first, timer.asked));
    }
  }

  SteadyTime now() const { return depth > 0 ? frozen : clock_now(); }

  template <typename Function>
  void call(const Function& function) {
    frozen = clock_now();
    note_overdue();
    ++depth;
    function();
    --depth;
    const SteadyTime end = clock_now();
    lags.add(end, end - frozen);
  }

  void arm() {
    const SteadyTime when = timers.empty() ? SteadyTime::max() : timers.begin()->first.first;
    const bool armed = uv_is_active(handle(alarm)) != 0 || uv_is_active(handle(at_once)) != 0;
    if (serving_timers || (armed && when >= armed_for)) {
      return;
    }
    armed_for = when;
    const SteadyTime current = clock_now();
    if (when <= current) {
      uv_timer_stop(&alarm);
      uv_idle_start(&at_once, [](uv_idle_t* idle) { of(idle->data).serve_timers(); });
      return;
    }
    const auto wait = std::chrono::ceil<milliseconds>(std::min(kIdle, Duration(when - current)));
    uv_update_time(&loop);
    uv_timer_start(
        &alarm, [](uv_timer_t* timer) { of(timer->data).serve_timers(); },
        static_cast<std::uint64_t>(wait.count()), 0);
  }

  // Timers asked for while serving wait for the next turn, so that one that renews itself at once
  // cannot keep descriptors waiting.
  void serve_timers() {
    serving_timers = true;
    const std::uint64_t limit = next_order;
    for (int served = 0; served < kTimersPerTurn && !stopping && !timers.empty(); ++served) {
      const auto first = timers.begin();
      const SteadyTime current = clock_now();
      if (first->first.first > current || first->first.second >= limit) {
        break;
      }
      auto node = timers.extract(first);
      lags.add(current, current - std::max(node.key().first, node.mapped().asked));
      call(node.mapped().callback);
    }
    serving_timers = false;
    uv_timer_stop(&alarm);
    uv_idle_stop(&at_once);
    arm();
  }

  static State& of(void* data) { return *static_cast<State*>(data); }
  template <typename UvHandle>
  static uv_handle_t* handle(UvHandle& uv) {
    return reinterpret_cast<uv_handle_t*>(&uv);
  }
};

namespace {

using State = UvLoop::State;

class Timer final : public Cancellable {
 public:
  Timer(State& state, State::TimerKey key) : state_(state), key_(key) {}
  // extract() first: destroying the callback may drop further timers.
  ~Timer() override { const auto node = state_.timers.extract(key_); }

 private:
  State& state_;
  State::TimerKey key_;
};

// A libuv handle lives on the heap until its close callback; our handle may die much earlier, even
// from inside the callback it owns. What that callback captured is freed as soon as it has
// returned.
template <typename UvHandle, typename Function>
struct Node {
  UvHandle uv{};
  State* state = nullptr;
  Function callback{};
  bool running = false;
  bool dropped = false;

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  static Node& of(UvHandle* handle) { return *static_cast<Node*>(handle->data); }

  template <typename... Arguments>
  void call(Arguments... arguments) {
    running = true;
    state->call([&] { callback(arguments...); });
    running = false;
    if (dropped) {
      callback = nullptr;
    }
  }
  void drop() {
    dropped = true;
    if (!running) {
      callback = nullptr;
    }
    uv_close(reinterpret_cast<uv_handle_t*>(&uv),
             [](uv_handle_t* handle) { delete static_cast<Node*>(handle->data); });
  }
};

using SignalNode = Node<uv_signal_t, Loop::Callback>;

class Signal final : public Cancellable {
 public:
  Signal(State& state, int number, Loop::Callback callback) : node_(new SignalNode) {
    node_->state = &state;
    node_->uv.data = node_;
    node_->callback = std::move(callback);
    check(uv_signal_init(&state.loop, &node_->uv), "uv_signal_init");
    check(uv_signal_start(
              &node_->uv, [](uv_signal_t* handle, int) { SignalNode::of(handle).call(); }, number),
          "uv_signal_start");
  }
  ~Signal() override { node_->drop(); }

 private:
  SignalNode* node_;
};

struct WatchNode : Node<uv_poll_t, Loop::OnReady> {
  Interest wanted = Interest::none;
  Interest armed = Interest::none;

  void arm() {
    if (armed == wanted) {
      return;
    }
    armed = wanted;
    if (wanted == Interest::none) {
      uv_poll_stop(&uv);
    } else {
      check(uv_poll_start(&uv, to_uv(wanted), on_poll), "uv_poll_start");
    }
  }

  static void on_poll(uv_poll_t* handle, int status, int events) {
    auto& node = static_cast<WatchNode&>(of(handle));
    if (node.state->stopping) {
      return;
    }
    Interest ready = from_uv(events);
    if (status < 0) {
      // libuv stops the watch when the descriptor has an error pending; the owner's next system
      // call names and clears it.
      node.armed = Interest::none;
      ready = node.wanted;
    }
    node.call(ready);
    if (!node.dropped) {
      node.arm();
    }
  }
};

class UvWatch final : public Watch {
 public:
  explicit UvWatch(std::unique_ptr<WatchNode> node) : node_(node.release()) {
    node_->uv.data = static_cast<Node<uv_poll_t, Loop::OnReady>*>(node_);
  }
  ~UvWatch() override { node_->drop(); }
  void want(Interest interest) override {
    node_->wanted = interest;
    node_->arm();
  }

 private:
  WatchNode* node_;
};

}  // namespace

UvLoop::UvLoop() : state_(std::make_unique<State>()) {
  check(uv_loop_init(&state_->loop), "uv_loop_init");
  uv_timer_init(&state_->loop, &state_->alarm);
  uv_idle_init(&state_->loop, &state_->at_once);
  state_->alarm.data = state_.get();
  state_->at_once.data = state_.get();
}

UvLoop::~UvLoop() {
  assert(state_->timers.empty());
  uv_close(State::handle(state_->alarm), nullptr);
  uv_close(State::handle(state_->at_once), nullptr);
  // Close callbacks run in a turn of the loop; a signal still on its way may need one more.
  int result = UV_EBUSY;
  for (int turn = 0; turn < 10 && result == UV_EBUSY; ++turn) {
    uv_run(&state_->loop, UV_RUN_NOWAIT);
    result = uv_loop_close(&state_->loop);
  }
  assert(result == 0 && "a handle outlived its loop");
}

void UvLoop::run() {
  state_->arm();
  uv_run(&state_->loop, UV_RUN_DEFAULT);
  state_->stopping = false;
}

void UvLoop::stop() {
  state_->stopping = true;
  uv_stop(&state_->loop);
}

SteadyTime UvLoop::now() const {
  return state_->now();
}

WallTime UvLoop::wall_now() const {
  return std::chrono::system_clock::now();
}

Handle UvLoop::at(SteadyTime when, Callback callback) {
  const State::TimerKey key{when, state_->next_order++};
  state_->timers.emplace(key, State::TimerEntry{std::move(callback), state_->now()});
  state_->arm();
  return std::make_unique<Timer>(*state_, key);
}

std::unique_ptr<Watch> UvLoop::watch(int descriptor, OnReady callback) {
  auto node = std::make_unique<WatchNode>();
  node->state = state_.get();
  // libuv tries here whether the kernel has room for it; were there none when the loop enters it a
  // moment later, libuv would abort.
  const int result = uv_poll_init(&state_->loop, &node->uv, descriptor);
  if (result == UV_ENOSPC || result == UV_ENOMEM) {
    return std::make_unique<PolledWatch>(*this, descriptor, std::move(callback));
  }
  check(result, "uv_poll_init");
  node->callback = std::move(callback);
  return std::make_unique<UvWatch>(std::move(node));
}

Handle UvLoop::on_signal(int number, Callback callback) {
  return std::make_unique<Signal>(*state_, number, std::move(callback));
}

Duration UvLoop::worst_lag_since(SteadyTime start) const {
  return state_->lags.worst_since(start);
}

}  // namespace ronda::net
