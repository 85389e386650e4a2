#include "net/uv_loop.hpp"

#include <array>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;

namespace {

struct Pair {
  Descriptor ours{};
  Descriptor theirs{};
};

Pair socket_pair() {
  std::array<int, 2> numbers{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, numbers.data()) ==
          0);
  return {Descriptor(numbers[0]), Descriptor(numbers[1])};
}

}  // namespace

TEST_CASE("timers run in order of time, equal times in order of asking") {
  UvLoop loop;
  std::vector<int> order;
  const SteadyTime start = loop.now();
  const Handle third = loop.at(start + 20ms, [&] {
    order.push_back(3);
    loop.stop();
  });
  const Handle first = loop.at(start + 10ms, [&] { order.push_back(1); });
  const Handle second = loop.at(start + 10ms, [&] { order.push_back(2); });
  REQUIRE(ronda::test::run(loop));
  CHECK(order == std::vector{1, 2, 3});
  CHECK(loop.now() - start >= 20ms);
}

TEST_CASE("a timer is never early and never runs inside at()") {
  UvLoop loop;
  bool inside = true;
  SteadyTime ran{};
  const SteadyTime due = loop.now() + 3100us;
  const Handle now = loop.at(loop.now() - 1s, [&] { CHECK_FALSE(inside); });
  inside = false;
  const Handle later = loop.at(due, [&] {
    ran = loop.now();
    loop.stop();
  });
  REQUIRE(ronda::test::run(loop));
  CHECK(ran >= due);
}

TEST_CASE("a dropped timer does not run, also when dropped by one due at the same time") {
  UvLoop loop;
  bool ran = false;
  const SteadyTime due = loop.now() + 1ms;
  Handle victim;
  const Handle killer = loop.at(due, [&] { victim.reset(); });
  victim = loop.at(due, [&] { ran = true; });
  const Handle end = loop.at(due + 5ms, [&] { loop.stop(); });
  REQUIRE(ronda::test::run(loop));
  CHECK_FALSE(ran);
}

TEST_CASE("a timer may drop itself, and now() stands still within one callback") {
  UvLoop loop;
  Handle self;
  const std::string payload(100, 'x');
  self = loop.at(loop.now(), [&, payload] {
    self.reset();
    const SteadyTime before = loop.now();
    std::this_thread::sleep_for(2ms);
    CHECK(loop.now() == before);
    CHECK(payload.size() == 100);
    loop.stop();
  });
  REQUIRE(ronda::test::run(loop));
}

TEST_CASE("a timer that renews itself at once does not starve a descriptor") {
  UvLoop loop;
  const Pair pair = socket_pair();
  REQUIRE(::write(pair.theirs.get(), "x", 1) == 1);
  Handle timer;
  std::function<void()> renew = [&] { timer = loop.at(loop.now(), renew); };
  renew();
  const auto watch = loop.watch(pair.ours.get(), [&](Interest) { loop.stop(); });
  watch->want(Interest::read);
  CHECK(ronda::test::run(loop));
}

TEST_CASE("a watch reports what is wanted and follows a change of mind") {
  UvLoop loop;
  const Pair pair = socket_pair();
  std::vector<Interest> seen;
  std::unique_ptr<Watch> watch;
  watch = loop.watch(pair.ours.get(), [&](Interest ready) {
    seen.push_back(ready);
    if (has(ready, Interest::write)) {
      watch->want(Interest::read);
      REQUIRE(::write(pair.theirs.get(), "x", 1) == 1);
    } else {
      loop.stop();
    }
  });
  SECTION("none by default") {
    const Handle end = loop.at(loop.now() + 5ms, [&] { loop.stop(); });
    REQUIRE(ronda::test::run(loop));
    CHECK(seen.empty());
  }
  SECTION("write, then read") {
    watch->want(Interest::write);
    REQUIRE(ronda::test::run(loop));
    CHECK(seen == std::vector{Interest::write, Interest::read});
  }
}

TEST_CASE("a watch may drop itself, and its descriptor number may be used again at once") {
  UvLoop loop;
  Pair pair = socket_pair();
  const int number = pair.ours.get();
  REQUIRE(::write(pair.theirs.get(), "x", 1) == 1);
  std::unique_ptr<Watch> watch;
  Pair next;
  int calls = 0;
  const std::string payload(100, 'x');
  watch = loop.watch(number, [&, payload](Interest) {
    watch.reset();
    CHECK(payload.size() == 100);
    pair.ours.reset();
    next = socket_pair();
    REQUIRE(next.ours.get() == number);
    REQUIRE(::write(next.theirs.get(), "y", 1) == 1);
    watch = loop.watch(number, [&](Interest) {
      ++calls;
      loop.stop();
    });
    watch->want(Interest::read);
  });
  watch->want(Interest::read);
  REQUIRE(ronda::test::run(loop));
  CHECK(calls == 1);
}

TEST_CASE("a hang-up is reported as what was asked for, as long as it is wanted") {
  UvLoop loop;
  Pair pair = socket_pair();
  pair.theirs.reset();
  int calls = 0;
  const auto watch = loop.watch(pair.ours.get(), [&](Interest ready) {
    CHECK(has(ready, Interest::read));
    if (++calls == 3) {
      loop.stop();
    }
  });
  watch->want(Interest::read);
  REQUIRE(ronda::test::run(loop));
}

TEST_CASE("stop() ends run() after the current callback, and run() can go on later") {
  UvLoop loop;
  int calls = 0;
  const SteadyTime due = loop.now();
  const Handle one = loop.at(due, [&] {
    ++calls;
    loop.stop();
  });
  const Handle two = loop.at(due, [&] {
    ++calls;
    loop.stop();
  });
  REQUIRE(ronda::test::run(loop));
  CHECK(calls == 1);
  REQUIRE(ronda::test::run(loop));
  CHECK(calls == 2);
}

TEST_CASE("a signal calls back, and its handle may go from inside") {
  UvLoop loop;
  Handle signal;
  int calls = 0;
  signal = loop.on_signal(SIGUSR1, [&] {
    ++calls;
    signal.reset();
    loop.stop();
  });
  const Handle raiser = loop.at(loop.now(), [] { ::kill(::getpid(), SIGUSR1); });
  REQUIRE(ronda::test::run(loop));
  CHECK(calls == 1);
}

TEST_CASE("a loop that was held up says so, but not to those who started later") {
  UvLoop loop;
  const SteadyTime start = loop.now();
  SteadyTime afterwards{};
  Duration at_deadline{};
  const Handle blocker = loop.at(start, [] { std::this_thread::sleep_for(60ms); });
  const Handle deadline = loop.at(start + 10ms, [&] {
    at_deadline = loop.worst_lag_since(start);
    afterwards = loop.now() + 1ms;
  });
  const Handle end = loop.at(start + 90ms, [&] { loop.stop(); });
  REQUIRE(ronda::test::run(loop));
  CHECK(at_deadline >= 50ms);
  CHECK(at_deadline < 1s);
  CHECK(loop.worst_lag_since(start) >= 50ms);
  CHECK(loop.worst_lag_since(afterwards) < 50ms);
  CHECK(loop.worst_lag_since(loop.now()) == Duration::zero());
}

TEST_CASE("a loop that stood still while it slept says so to the first who is served") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  static int heard;  // a handler has no other way to it
  heard = ends[1];
  // As SIGSTOP and SIGCONT do, but from inside: what comes meanwhile lies there.
  const auto stand_still = [](int) {
    timespec pause{.tv_sec = 0, .tv_nsec = 60'000'000};
    ::nanosleep(&pause, nullptr);
    static_cast<void>(::write(heard, "x", 1));
  };
  struct sigaction before{};
  struct sigaction action{};
  action.sa_handler = stand_still;
  REQUIRE(::sigaction(SIGUSR2, &action, &before) == 0);

  UvLoop loop;
  const SteadyTime start = loop.now();
  Duration lag{};
  const auto watch = loop.watch(ends[0], [&](Interest) {
    lag = loop.worst_lag_since(start);
    loop.stop();
  });
  watch->want(Interest::read);
  const Handle beat = loop.at(start + 20ms, [] {});
  std::thread raiser([thread = ::pthread_self()] {
    std::this_thread::sleep_for(10ms);
    ::pthread_kill(thread, SIGUSR2);
  });
  const bool done = ronda::test::run(loop);
  raiser.join();
  ::sigaction(SIGUSR2, &before, nullptr);
  ::close(ends[0]);
  ::close(ends[1]);
  REQUIRE(done);
  CHECK(lag >= 40ms);
}

TEST_CASE("ten thousand timers all run") {
  UvLoop loop;
  std::vector<Handle> handles;
  int calls = 0;
  const SteadyTime start = loop.now();
  for (int i = 0; i < 10000; ++i) {
    handles.push_back(loop.at(start + std::chrono::microseconds(i % 50 * 100), [&] {
      if (++calls == 10000) {
        loop.stop();
      }
    }));
  }
  CHECK(ronda::test::run(loop));
  CHECK(calls == 10000);
}
