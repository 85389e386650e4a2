#include "agent/health/tracker.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;
using probes::Verdict;
using test::at;

Timing timing(int fall, int rise, int ok) {
  Timing timing;
  timing.fall = fall;
  timing.rise = rise;
  timing.ok = ok;
  return timing;
}

Verdict verdict_of(char letter) {
  switch (letter) {
    case 'P':
      return Verdict::pass;
    case 'W':
      return Verdict::warn;
    case 'F':
      return Verdict::fail;
    default:
      return Verdict::unknown;
  }
}

// One letter a second; the states after each, "init up ...".
std::string run(Tracker& tracker, const std::string& verdicts) {
  std::string states;
  double second = 0;
  for (const char letter : verdicts) {
    const HealthState before = tracker.state();
    const bool changed = tracker.observe(verdict_of(letter), at(++second));
    if (changed != (before != tracker.state())) {
      FAIL("the change is reported wrongly");
    }
    if (!states.empty()) {
      states += ' ';
    }
    states += to_string(tracker.state());
  }
  return states;
}

struct Row {
  int fall, rise, ok;
  Seed seed;
  const char* verdicts;
  const char* states;
  const char* counter;  // at the end
  bool healthy;         // at the end
};

TEST_CASE("tracker: states by thresholds, seed and verdicts", "[tracker]") {
  const std::vector<Row> rows = {
      // a published replica: one pass, or `fall` failures
      {3, 3, 1, Seed::published, "", "", "0/1", true},
      {3, 3, 1, Seed::published, "P", "up", "0/3", true},
      {3, 3, 1, Seed::published, "W", "up", "0/3", true},
      {3, 3, 1, Seed::published, "FF", "init init", "2/3", true},
      {3, 3, 1, Seed::published, "FFF", "init init down", "0/3", false},
      {3, 3, 1, Seed::published, "FFP", "init init up", "0/3", true},
      {1, 1, 1, Seed::published, "F", "down", "0/1", false},
      // an unpublished one: `rise` passes in a row, or `fall` failures
      {3, 3, 1, Seed::unpublished, "", "", "0/3", false},
      {3, 3, 1, Seed::unpublished, "PP", "init init", "2/3", false},
      {3, 3, 1, Seed::unpublished, "PPP", "init init up", "0/3", true},
      {3, 3, 1, Seed::unpublished, "PPFPP", "init init init init init", "2/3", false},
      {3, 3, 1, Seed::unpublished, "PPFPPP", "init init init init init up", "0/3", true},
      {3, 3, 1, Seed::unpublished, "PFPFPF", "init init init init init down", "0/3", false},
      {3, 1, 1, Seed::unpublished, "P", "up", "0/3", true},
      // saved states
      {3, 3, 1, Seed::up, "", "", "0/3", true},
      {3, 3, 1, Seed::down, "", "", "0/3", false},
      {3, 3, 1, Seed::down, "P", "rising", "1/3", false},
      {3, 3, 1, Seed::suspect, "", "", "2/3", true},
      {3, 3, 1, Seed::suspect, "F", "down", "0/3", false},
      {3, 3, 1, Seed::suspect, "P", "up", "0/3", true},
      {3, 3, 2, Seed::suspect, "PFP", "falling down rising", "1/3", false},
      {3, 3, 2, Seed::suspect, "PP", "falling up", "0/3", true},
      {1, 3, 1, Seed::suspect, "", "", "0/1", true},
      {1, 3, 1, Seed::suspect, "P", "up", "0/1", true},
      {1, 3, 1, Seed::suspect, "F", "down", "0/3", false},
      // falling: failures accumulate, `ok` passes in a row forgive
      {3, 3, 1, Seed::up, "FF", "falling falling", "2/3", true},
      {3, 3, 1, Seed::up, "FFF", "falling falling down", "0/3", false},
      {3, 3, 1, Seed::up, "FFPFF", "falling falling up falling falling", "2/3", true},
      {3, 3, 3, Seed::up, "FPPFPPF", "falling falling falling falling falling falling down", "0/3",
       false},
      {3, 3, 3, Seed::up, "FPPPFF", "falling falling falling up falling falling", "2/3", true},
      {1, 3, 1, Seed::up, "F", "down", "0/3", false},
      {2, 3, 1, Seed::up, "FF", "falling down", "0/3", false},
      // rising: passes in a row
      {3, 3, 1, Seed::down, "PPP", "rising rising up", "0/3", true},
      {3, 3, 1, Seed::down, "PPFPP", "rising rising down rising rising", "2/3", false},
      {3, 1, 1, Seed::down, "P", "up", "0/3", true},
      {3, 2, 1, Seed::down, "WW", "rising up", "0/3", true},
      {3, 3, 1, Seed::down, "FF", "down down", "0/3", false},
      // UNKNOWN moves nothing
      {3, 3, 1, Seed::up, "FUFU", "falling falling falling falling", "2/3", true},
      {3, 3, 1, Seed::down, "PUPUP", "rising rising rising rising up", "0/3", true},
      {3, 3, 1, Seed::unpublished, "PUPU", "init init init init", "2/3", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fall, row.rise, row.ok, static_cast<int>(row.seed), row.verdicts);
    Tracker tracker(timing(row.fall, row.rise, row.ok), row.seed, at(0));
    CHECK(run(tracker, row.verdicts) == row.states);
    CHECK(tracker.counter() == row.counter);
    CHECK(tracker.healthy() == row.healthy);
    CHECK(tracker.solid() == (tracker.state() != HealthState::init));
  }
}

TEST_CASE("tracker: INIT always ends", "[tracker]") {
  for (int pattern = 0; pattern < 4096; ++pattern) {
    Tracker tracker(timing(3, 3, 1), Seed::unpublished, at(0));
    std::string verdicts;
    for (int bit = 0; bit < 12; ++bit) {
      verdicts += ((pattern >> bit) & 1) != 0 ? 'P' : 'F';
    }
    run(tracker, verdicts);
    CHECK(tracker.state() != HealthState::init);
  }
}

TEST_CASE("tracker: since is the time of the last change of state", "[tracker]") {
  Tracker tracker(timing(3, 3, 1), Seed::up, at(0));
  run(tracker, "PPFFF");
  CHECK(tracker.state() == HealthState::down);
  CHECK(tracker.since() == at(5));
  tracker.observe(Verdict::fail, at(9));
  CHECK(tracker.since() == at(5));
}

TEST_CASE("tracker: too long UNKNOWN is STALE and holds", "[tracker]") {
  for (const Seed seed : {Seed::up, Seed::down, Seed::published, Seed::unpublished}) {
    Tracker tracker(timing(3, 3, 1), seed, at(0));
    const bool healthy = tracker.healthy();
    const std::string counter = tracker.counter();
    CHECK_FALSE(tracker.observe(Verdict::unknown, at(50)));
    CHECK(tracker.observe(Verdict::unknown, at(51)));
    CHECK(tracker.state() == HealthState::stale);
    CHECK(tracker.healthy() == healthy);
    CHECK(tracker.counter() == counter);
    CHECK_FALSE(tracker.observe(Verdict::unknown, at(60)));
  }
}

TEST_CASE("tracker: the verdict after STALE goes on from the state before", "[tracker]") {
  Tracker tracker(timing(3, 3, 1), Seed::up, at(0));
  run(tracker, "FF");
  tracker.observe(Verdict::unknown, at(53));
  REQUIRE(tracker.state() == HealthState::stale);
  CHECK(tracker.counter() == "2/3");
  SECTION("a failure is the third") {
    tracker.observe(Verdict::fail, at(55));
    CHECK(tracker.state() == HealthState::down);
  }
  SECTION("a pass forgives") {
    tracker.observe(Verdict::pass, at(55));
    CHECK(tracker.state() == HealthState::up);
  }
  SECTION("and STALE takes as long again") {
    tracker.observe(Verdict::pass, at(55));
    tracker.observe(Verdict::unknown, at(104));
    CHECK(tracker.state() == HealthState::up);
    tracker.observe(Verdict::unknown, at(106));
    CHECK(tracker.state() == HealthState::stale);
  }
}

TEST_CASE("tracker: who was down before STALE has all of rise before him", "[tracker]") {
  for (const Seed seed : {Seed::up, Seed::published}) {
    Tracker tracker(timing(1, 3, 1), seed, at(0));
    run(tracker, "F");
    REQUIRE(tracker.state() == HealthState::down);
    tracker.observe(Verdict::unknown, at(99));
    REQUIRE(tracker.state() == HealthState::stale);
    tracker.observe(Verdict::pass, at(100));
    CHECK(tracker.state() == HealthState::rising);
    CHECK(tracker.counter() == "1/3");
    CHECK_FALSE(tracker.healthy());
  }
}

TEST_CASE("tracker: intervals by state", "[tracker]") {
  const Timing usual = timing(3, 3, 1);
  CHECK(Tracker(usual, Seed::published, at(0)).next_interval(at(0)) == 2s);
  CHECK(Tracker(usual, Seed::suspect, at(0)).next_interval(at(0)) == 2s);
  CHECK(Tracker(usual, Seed::up, at(0)).next_interval(at(9999)) == 10s);
  Tracker rising(usual, Seed::down, at(0));
  rising.observe(Verdict::pass, at(1));
  CHECK(rising.next_interval(at(1)) == 2s);
  const Tracker down(usual, Seed::down, at(0));
  CHECK(down.next_interval(at(599)) == 10s);
  CHECK(down.next_interval(at(600)) == 20s);
  CHECK(down.next_interval(at(1200)) == 40s);
  CHECK(down.next_interval(at(1800)) == 60s);
  CHECK(down.next_interval(at(1e6)) == 60s);
  Timing slow = usual;
  slow.interval = 5min;
  CHECK(Tracker(slow, Seed::down, at(0)).next_interval(at(1e6)) == 5min);
  net::Duration last{};
  for (double second = 0; second < 4000; second += 7) {
    CHECK(down.next_interval(at(second)) >= last);
    last = down.next_interval(at(second));
  }
}

TEST_CASE("tracker: one UNKNOWN after a backed-off interval is not yet STALE", "[tracker]") {
  Tracker tracker(timing(3, 3, 1), Seed::down, at(0));
  for (double second = 10; second <= 3600; second += 10) {
    tracker.observe(Verdict::fail, at(second));
  }
  tracker.observe(Verdict::unknown, at(3660));
  CHECK(tracker.state() == HealthState::down);
  tracker.observe(Verdict::unknown, at(3901));
  CHECK(tracker.state() == HealthState::stale);
}

TEST_CASE("tracker: a seed learnt late", "[tracker]") {
  Tracker tracker(timing(3, 3, 1), Seed::unpublished, at(0));
  SECTION("with a pass at hand it is UP since that pass") {
    run(tracker, "PU");
    tracker.reseed(Seed::published);
    CHECK(tracker.state() == HealthState::up);
    CHECK(tracker.since() == at(1));
  }
  SECTION("with nothing at hand it starts as seeded") {
    tracker.reseed(Seed::suspect);
    CHECK(tracker.state() == HealthState::falling);
    CHECK(tracker.counter() == "2/3");
  }
  SECTION("failures so far stay counted") {
    run(tracker, "FF");
    tracker.reseed(Seed::published);
    CHECK(tracker.healthy());
    CHECK(run(tracker, "F") == "down");
  }
  SECTION("it means nothing later") {
    run(tracker, "FFF");
    tracker.reseed(Seed::up);
    CHECK(tracker.state() == HealthState::down);
  }
}

TEST_CASE("tracker: a loop gap costs progress, never the state", "[tracker]") {
  Tracker falling(timing(3, 3, 1), Seed::up, at(0));
  run(falling, "FF");
  falling.forget_progress();
  CHECK(falling.state() == HealthState::falling);
  CHECK(run(falling, "FF") == "falling falling");
  Tracker rising(timing(3, 3, 1), Seed::down, at(0));
  run(rising, "PP");
  rising.forget_progress();
  CHECK(run(rising, "PPP") == "rising rising up");
}

TEST_CASE("tracker: thresholds below one count as one", "[tracker]") {
  Tracker tracker(timing(0, 0, 0), Seed::up, at(0));
  CHECK(run(tracker, "FP") == "down up");
}

TEST_CASE("tracker: a pass that asks to be drained", "[tracker]") {
  const auto drain = [](Tracker& tracker) { return tracker.observe(Verdict::pass, at(1), true); };
  SECTION("holds one that is UP, until it passes without asking") {
    Tracker tracker(Timing{}, Seed::up, at(0));
    drain(tracker);
    CHECK(tracker.state() == HealthState::up);
    CHECK(tracker.drained());
    tracker.observe(Verdict::fail, at(2));
    tracker.observe(Verdict::unknown, at(3));
    CHECK(tracker.state() == HealthState::falling);
    CHECK(tracker.drained());
    tracker.observe(Verdict::pass, at(4));
    CHECK_FALSE(tracker.drained());
  }
  SECTION("forgives failures of one that is FALLING") {
    Tracker tracker(Timing{}, Seed::up, at(0));
    tracker.observe(Verdict::fail, at(0));
    drain(tracker);
    CHECK(tracker.state() == HealthState::up);
    CHECK(tracker.drained());
  }
  SECTION("raises nobody from DOWN, and throws the progress of RISING away") {
    Tracker tracker(Timing{}, Seed::down, at(0));
    for (int i = 0; i < 10; ++i) {
      drain(tracker);
    }
    CHECK(tracker.state() == HealthState::down);
    tracker.observe(Verdict::pass, at(2));
    CHECK(tracker.state() == HealthState::rising);
    drain(tracker);
    CHECK(tracker.state() == HealthState::down);
    CHECK_FALSE(tracker.drained());
  }
  SECTION("judges one that was never seen healthy as DOWN") {
    Tracker tracker(Timing{}, Seed::unpublished, at(0));
    for (int i = 0; i < Timing{}.fall; ++i) {
      CHECK(tracker.state() == HealthState::init);
      drain(tracker);
    }
    CHECK(tracker.state() == HealthState::down);
  }
  SECTION("makes a published one UP at once") {
    Tracker tracker(Timing{}, Seed::published, at(0));
    drain(tracker);
    CHECK(tracker.state() == HealthState::up);
    CHECK(tracker.drained());
  }
  SECTION("is forgotten with DOWN") {
    Tracker tracker(Timing{}, Seed::up, at(0));
    drain(tracker);
    for (int i = 0; i < Timing{}.fall; ++i) {
      tracker.observe(Verdict::fail, at(2));
    }
    CHECK_FALSE(tracker.drained());
    for (int i = 0; i < Timing{}.rise; ++i) {
      tracker.observe(Verdict::pass, at(3));
    }
    CHECK(tracker.state() == HealthState::up);
    CHECK_FALSE(tracker.drained());
  }
  SECTION("outlives a restart") {
    CHECK(Tracker(Timing{}, Seed::drained, at(0)).drained());
    CHECK(Tracker(Timing{}, Seed::drained, at(0)).state() == HealthState::up);
  }
}

}  // namespace
}  // namespace ronda::agent
