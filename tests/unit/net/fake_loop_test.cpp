#include "tests/support/fake_loop.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;
using ronda::test::FakeLoop;

TEST_CASE("fake time runs timers in order, ties by asking, with now() at each one's time") {
  FakeLoop loop;
  const SteadyTime start = loop.now();
  const WallTime wall = loop.wall_now();
  std::vector<std::pair<int, Duration>> seen;
  const auto note = [&](int number) {
    return [&, number] { seen.emplace_back(number, loop.now() - start); };
  };
  const Handle c = loop.at(start + 2s, note(3));
  const Handle a = loop.at(start + 1s, note(1));
  const Handle b = loop.at(start + 1s, note(2));
  CHECK(loop.pending_timers() == 3);
  CHECK(loop.next_timer() == start + 1s);
  loop.advance(1500ms);
  CHECK(seen == std::vector<std::pair<int, Duration>>{{1, 1s}, {2, 1s}});
  CHECK(loop.now() == start + 1500ms);
  CHECK(loop.wall_now() == wall + 1500ms);
  loop.advance_to(start + 2s);
  CHECK(seen.size() == 3);
  CHECK(loop.pending_timers() == 0);
}

TEST_CASE("a timer asked for while time moves runs within the same move, never inside at()") {
  FakeLoop loop;
  int runs = 0;
  Handle handle;
  std::function<void()> again = [&] {
    if (++runs < 3) {
      const int before = runs;
      handle = loop.at(loop.now(), again);
      CHECK(runs == before);
    }
  };
  handle = loop.at(loop.now(), again);
  CHECK(runs == 0);
  loop.run_due();
  CHECK(runs == 3);
}

TEST_CASE("dropped handles stay silent, and may outlive the loop") {
  Handle late;
  std::unique_ptr<Watch> watch;
  {
    FakeLoop loop;
    bool ran = false;
    Handle victim;
    const Handle killer = loop.at(loop.now(), [&] { victim.reset(); });
    victim = loop.at(loop.now(), [&] { ran = true; });
    loop.advance(1s);
    CHECK_FALSE(ran);
    late = loop.at(loop.now(), [] {});
    watch = loop.watch(5, [](Interest) {});
  }
  late.reset();
  watch.reset();
}

TEST_CASE("readiness and signals are given by hand") {
  FakeLoop loop;
  std::vector<Interest> seen;
  std::unique_ptr<Watch> watch;
  watch = loop.watch(7, [&](Interest ready) {
    seen.push_back(ready);
    watch.reset();
  });
  CHECK_FALSE(loop.ready(7, Interest::read));
  watch->want(Interest::read);
  CHECK(loop.interest(7) == Interest::read);
  CHECK_FALSE(loop.ready(7, Interest::write));
  CHECK(loop.ready(7, Interest::both));
  CHECK(seen == std::vector{Interest::read});
  CHECK_FALSE(loop.interest(7));

  int calls = 0;
  Handle signal;
  CHECK_FALSE(loop.raise(15));
  signal = loop.on_signal(15, [&] {
    ++calls;
    signal.reset();
  });
  CHECK(loop.raise(15));
  CHECK_FALSE(loop.raise(15));
  CHECK(calls == 1);
}
