#include "net/time.hpp"

#include <limits>

#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;

TEST_CASE("durations are read and written in their shortest exact form") {
  struct Row {
    const char* text;
    Duration value;
    const char* shortest;
  };
  const auto row =
      GENERATE(Row{"250ms", 250ms, "250ms"}, Row{"10s", 10s, "10s"}, Row{"90s", 90s, "1m30s"},
               Row{"1m30s", 90s, "1m30s"}, Row{"1.5s", 1500ms, "1.5s"}, Row{"5m", 5min, "5m"},
               Row{"2h", 2h, "2h"}, Row{"14d", 336h, "14d"}, Row{"1.5d", 36h, "1d12h"},
               Row{"0s", 0s, "0s"}, Row{"0.001s", 1ms, "1ms"}, Row{"1.25ms", 1250us, "1.25ms"},
               Row{"1d2h3m4s5ms", 26h + 3min + 4005ms, "1d2h3m4.005s"}, Row{"7ns", 7ns, "7ns"},
               Row{"1m0.5s", 60500ms, "1m500ms"}, Row{"000010s", 10s, "10s"},
               Row{"1.500000000000000000000s", 1500ms, "1.5s"});
  const auto read = parse_duration(row.text);
  REQUIRE(read);
  CHECK(*read == row.value);
  CHECK(format_duration(*read) == row.shortest);
  CHECK(parse_duration(row.shortest).value() == row.value);
}

TEST_CASE("what is not a duration is refused with a hint") {
  struct Row {
    const char* text;
    const char* hint;
  };
  const auto row = GENERATE(
      Row{"", "empty"}, Row{"10", "has no unit"}, Row{"10 s", "unit"}, Row{"-1s", "not a duration"},
      Row{"1.s", "no digit after the point"}, Row{".5s", "not a duration"}, Row{"10sec", "\"sec\""},
      Row{"10S", "unit"}, Row{"30s1m", "larger ones first"}, Row{"1s1s", "unit"},
      Row{"10m5", "has no unit"}, Row{"1.5ns", "finer"}, Row{"0.0000000001s", "finer"},
      Row{"999999999999999999999d", "292 years"}, Row{"110000d", "292 years"}, Row{"1e3s", "unit"},
      Row{"0.00000000000000000001d", "finer"});
  const auto read = parse_duration(row.text);
  REQUIRE_FALSE(read);
  CHECK_THAT(read.error(), ContainsSubstring(row.hint));
}

TEST_CASE("a NUL and a very long text are no durations either") {
  CHECK_FALSE(parse_duration(std::string_view("1s\0", 3)));
  CHECK_FALSE(parse_duration(std::string(100'000, '9')));
  CHECK_FALSE(parse_duration("1." + std::string(100'000, '9') + "s"));
}

TEST_CASE("negative and extreme durations can be shown") {
  CHECK(format_duration(-90s) == "-1m30s");
  CHECK_FALSE(format_duration(Duration::min()).empty());
  CHECK_FALSE(format_duration(Duration::max()).empty());
}

TEST_CASE("wall time is RFC 3339 in UTC, rounded down to the second") {
  using namespace std::chrono;
  CHECK(format_rfc3339(WallTime(sys_days{year{2026} / 1 / 1})) == "2026-01-01T00:00:00Z");
  CHECK(format_rfc3339(WallTime(sys_days{year{2024} / 2 / 29}) + 86399s + 999ms) ==
        "2024-02-29T23:59:59Z");
  CHECK(format_rfc3339(WallTime(-1ns)) == "1969-12-31T23:59:59Z");
  CHECK(to_seconds(1500ms) == 1.5);
}
