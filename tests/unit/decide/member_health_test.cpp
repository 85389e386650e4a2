#include "agent/health/member_health.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using probes::Verdict;
using test::at;

// U up, F falling, D down, R rising, i INIT unpublished, I INIT published, s STALE held down, S
// STALE held up, X drained; since = `second`.
Tracker tracker_of(char letter, double second) {
  const auto seeded = [&](Seed seed) { return Tracker(Timing{}, seed, at(second)); };
  const auto after = [&](Seed seed, Verdict verdict) {
    Tracker tracker = seeded(seed);
    tracker.observe(verdict, at(second + (verdict == Verdict::unknown ? 1000 : 0)));
    return tracker;
  };
  switch (letter) {
    case 'U':
      return seeded(Seed::up);
    case 'F':
      return after(Seed::up, Verdict::fail);
    case 'X':
      return seeded(Seed::drained);
    case 'D':
      return seeded(Seed::down);
    case 'R':
      return after(Seed::down, Verdict::pass);
    case 'i':
      return seeded(Seed::unpublished);
    case 's':
      return after(Seed::down, Verdict::unknown);
    case 'S':
      return after(Seed::up, Verdict::unknown);
    default:
      return seeded(Seed::published);
  }
}

// "U D* R~": a star marks a critical check, a tilde a dependency.
MemberHealth combined(const std::string& checks, const Require& require) {
  Member member;
  std::vector<Tracker> trackers;
  for (const char letter : checks) {
    if (letter == ' ') {
      continue;
    }
    if (letter == '*') {
      member.checks.back().critical = true;
    } else if (letter == '~') {
      member.checks.back().scope = Scope::dependency;
    } else {
      trackers.push_back(tracker_of(letter, static_cast<double>(trackers.size())));
      member.checks.emplace_back();
    }
  }
  std::vector<const Tracker*> pointers;
  for (const Tracker& tracker : trackers) {
    pointers.push_back(&tracker);
  }
  return combine(member, require, pointers);
}

struct Row {
  const char* checks;
  Require require;
  const char* state;
  bool healthy;
  bool solid;
  std::size_t deciding;
};

TEST_CASE("member health: all, any, N, critical, dependency", "[member_health]") {
  const std::vector<Row> rows = {
      {"U", RequireAll{}, "up", true, true, 0},
      {"U U", RequireAll{}, "up", true, true, 0},
      {"U D", RequireAll{}, "down", false, true, 1},
      {"D D", RequireAll{}, "down", false, true, 0},
      {"U F", RequireAll{}, "falling", true, true, 1},
      {"R U", RequireAll{}, "rising", false, true, 0},
      {"R D", RequireAll{}, "down", false, true, 1},
      // not judged: it matters only while it could turn the answer
      {"U I", RequireAll{}, "init", true, false, 1},
      {"U i", RequireAll{}, "init", false, false, 1},
      {"D i", RequireAll{}, "down", false, true, 0},
      {"U S", RequireAll{}, "stale", true, false, 1},
      {"U s", RequireAll{}, "stale", false, false, 1},
      {"D S", RequireAll{}, "down", false, true, 0},
      {"U D", RequireAny{}, "up", true, true, 0},
      {"D U", RequireAny{}, "up", true, true, 1},
      {"D D", RequireAny{}, "down", false, true, 0},
      {"D R", RequireAny{}, "rising", false, true, 1},
      {"U i", RequireAny{}, "up", true, true, 0},
      {"D i", RequireAny{}, "init", false, false, 1},
      {"U U D", 2, "up", true, true, 0},
      {"U D D", 2, "down", false, true, 1},
      {"U F D", 2, "falling", true, true, 1},
      {"U D", 5, "down", false, true, 1},
      {"U D", 0, "up", true, true, 0},
      // critical: its failure alone decides, its health alone does not
      {"U D*", RequireAny{}, "down", false, true, 1},
      {"D U*", RequireAny{}, "up", true, true, 1},
      {"U D* U", 2, "down", false, true, 1},
      {"U i*", RequireAny{}, "init", false, false, 1},
      {"U* D D", 2, "down", false, true, 1},
      // a dependency warns only
      {"U D~", RequireAll{}, "up", true, true, 0},
      {"U i~", RequireAll{}, "up", true, true, 0},
      {"D~ D~", RequireAll{}, "up", true, true, 0},
      {"D~* U", RequireAll{}, "up", true, true, 1},
      {"", RequireAll{}, "up", true, true, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.checks, row.require.index());
    const MemberHealth health = combined(row.checks, row.require);
    CHECK(std::string(to_string(health.state)) == row.state);
    CHECK(health.healthy == row.healthy);
    CHECK(health.solid == row.solid);
    CHECK(health.deciding == row.deciding);
  }
}

TEST_CASE("member health: one check that asks to be drained drains the member, unless it is sick",
          "[member_health]") {
  CHECK(combined("U X", RequireAll{}).withheld.kind == Withheld::drained);
  CHECK(combined("D X", RequireAny{}).withheld.kind == Withheld::drained);
  CHECK(combined("D X", RequireAll{}).withheld.kind == Withheld::none);
  CHECK(combined("U X~", RequireAll{}).withheld.kind == Withheld::none);
}

TEST_CASE("member health: sick since the first failed, well since the last came up",
          "[member_health]") {
  CHECK(combined("U D D", RequireAll{}).since == at(1));
  CHECK(combined("U U U", RequireAll{}).since == at(2));
}

TEST_CASE("member health: what all say healthy, any says healthy too", "[member_health]") {
  const std::string letters = "UFDRiIsS";
  for (const char a : letters) {
    for (const char b : letters) {
      for (const char c : letters) {
        const std::string checks{a, b, c};
        CAPTURE(checks);
        const MemberHealth all = combined(checks, RequireAll{});
        const MemberHealth two = combined(checks, 2);
        const MemberHealth any = combined(checks, RequireAny{});
        CHECK((!all.healthy || two.healthy));
        CHECK((!two.healthy || any.healthy));
        CHECK(all.state == combined(checks, 3).state);
        CHECK(any.state == combined(checks, 1).state);
      }
    }
  }
}

}  // namespace
}  // namespace ronda::agent
