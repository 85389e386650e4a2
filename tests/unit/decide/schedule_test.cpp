#include "agent/run/schedule.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;
using net::Duration;
using net::SteadyTime;
using test::at;

constexpr Duration kSlot = 5ms;

class Middle final : public net::Random {  // no jitter
 public:
  void fill(std::span<std::byte> bytes) override {
    std::ranges::fill(bytes, std::byte{0});
    if (!bytes.empty()) {
      bytes[0] = std::byte{0x80};
    }
  }
};

class Seeded final : public net::Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(engine_() & 0xff);
    }
  }

 private:
  std::mt19937 engine_{1};
};

TEST_CASE("schedule: first starts are now, or spread by the key", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  CHECK_FALSE(schedule.next_due());
  schedule.add(0, "a", 0s, at(1));
  CHECK(schedule.next_due() == at(1));
  CHECK(schedule.take_due(at(1)) == std::vector<std::size_t>{0});
  CHECK_FALSE(schedule.next_due());

  Schedule one(random, at(0));
  Schedule two(random, at(0));
  one.add(0, "http://192.0.2.1:80", 10s, at(0));
  two.add(7, "http://192.0.2.1:80", 10s, at(0));
  CHECK(one.next_due() == two.next_due());
}

TEST_CASE("schedule: ten thousand first starts are spread evenly", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  for (std::size_t id = 0; id < 10000; ++id) {
    schedule.add(id, "http://host:" + std::to_string(id), 10s, at(0));
  }
  std::map<std::int64_t, int> per_second;
  std::size_t most_at_once = 0;
  std::size_t total = 0;
  while (const auto due = schedule.next_due()) {
    CHECK(*due >= at(0));
    CHECK(*due < at(10));
    const auto taken = schedule.take_due(*due);
    REQUIRE_FALSE(taken.empty());
    most_at_once = std::max(most_at_once, taken.size());
    total += taken.size();
    per_second[(*due - at(0)) / 1s] += static_cast<int>(taken.size());
  }
  CHECK(total == 10000);
  CHECK(per_second.size() == 10);
  for (const auto& [second, count] : per_second) {
    CAPTURE(second);
    CHECK(count > 850);
    CHECK(count < 1150);
  }
  CHECK(most_at_once < 25);  // 5 a slot on average
}

TEST_CASE("schedule: from start to start, whatever the round took", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  schedule.add(0, "a", 0s, at(0));
  for (int round = 0; round < 20; ++round) {
    REQUIRE(schedule.next_due() == at(10.0 * round));
    REQUIRE(schedule.take_due(at(10.0 * round)).size() == 1);
    CHECK_FALSE(schedule.next_due());
    schedule.finished(0, 10s, at(10.0 * round + 3));
  }
}

TEST_CASE("schedule: a round that outlives its slot is followed at once, never doubled",
          "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  schedule.add(0, "a", 0s, at(0));
  REQUIRE(schedule.take_due(at(0)).size() == 1);
  CHECK(schedule.take_due(at(100)).empty());
  schedule.hasten(0, 1s, at(100));
  CHECK_FALSE(schedule.next_due());
  schedule.finished(0, 10s, at(100));
  CHECK(schedule.next_due() == at(100));
  CHECK(schedule.take_due(at(100)).size() == 1);
  CHECK(schedule.take_due(at(100)).empty());
}

TEST_CASE("schedule: jitter stays within 5 percent and has no bias", "[schedule]") {
  Seeded random;
  Schedule schedule(random, at(0));
  schedule.add(0, "a", 0s, at(0));
  SteadyTime now = at(0);
  Duration least = 1h;
  Duration most = 0s;
  constexpr int kRounds = 5000;
  for (int round = 0; round < kRounds; ++round) {
    REQUIRE(schedule.take_due(now).size() == 1);
    schedule.finished(0, 10s, now + 100ms);
    const SteadyTime next = schedule.next_due().value();
    least = std::min(least, next - now);
    most = std::max(most, next - now);
    now = next;
  }
  CHECK(least >= 9500ms);
  CHECK(least < 9600ms);
  CHECK(most <= 10500ms + kSlot);
  CHECK(most > 10400ms);
  const double mean = net::to_seconds(now - at(0)) / kRounds;
  CHECK(mean > 9.95);
  CHECK(mean < 10.05);
}

TEST_CASE("schedule: longer than the wheel", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  schedule.add(0, "a", 0s, at(0));
  schedule.add(1, "b", 0s, at(0));
  REQUIRE(schedule.take_due(at(0)).size() == 2);
  schedule.finished(0, 5min, at(1));
  schedule.finished(1, 60s, at(1));
  CHECK(schedule.next_due() == at(60));
  // Passing the same slot on earlier turns of the wheel takes nothing.
  for (double second = 1; second < 60; second += 1) {
    CHECK(schedule.take_due(at(second)).empty());
  }
  CHECK(schedule.take_due(at(60)) == std::vector<std::size_t>{1});
  CHECK(schedule.next_due() == at(300));
  CHECK(schedule.take_due(at(300)) == std::vector<std::size_t>{0});
}

TEST_CASE("schedule: what is due comes in order of time", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  for (std::size_t id = 0; id < 3; ++id) {
    schedule.add(id, "x", 0s, at(0));
  }
  schedule.take_due(at(0));
  schedule.finished(0, 3s, at(0));
  schedule.finished(1, 1s, at(0));
  schedule.finished(2, 2s, at(0));
  CHECK(schedule.take_due(at(10)) == std::vector<std::size_t>{1, 2, 0});
}

TEST_CASE("schedule: hasten counts from the last start", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  schedule.add(0, "a", 0s, at(0));
  schedule.hasten(0, 60s, at(0));  // not started yet: stays as it is
  CHECK(schedule.next_due() == at(0));
  schedule.take_due(at(0));
  schedule.finished(0, 10s, at(0.5));
  schedule.hasten(0, 2s, at(1));
  CHECK(schedule.next_due() == at(2));
  schedule.hasten(0, 2s, at(9));
  CHECK(schedule.next_due() == at(9));
  CHECK(schedule.take_due(at(9)).size() == 1);
}

TEST_CASE("schedule: removed probes are gone, running or not", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  for (std::size_t id = 0; id < 3; ++id) {
    schedule.add(id, "x", 0s, at(0));
  }
  schedule.remove(1);
  schedule.remove(1);
  schedule.remove(99);
  CHECK(schedule.take_due(at(0)) == std::vector<std::size_t>{0, 2});
  schedule.remove(0);
  schedule.finished(0, 1s, at(0));
  schedule.finished(99, 1s, at(0));
  CHECK_FALSE(schedule.next_due());
  schedule.finished(2, 1s, at(0));
  schedule.finished(2, 3s, at(0));  // not running: means nothing
  CHECK(schedule.next_due() == at(1));
  schedule.add(2, "x", 0s, at(0.5));
  CHECK(schedule.take_due(at(0.5)) == std::vector<std::size_t>{2});
  CHECK(schedule.take_due(at(5)).empty());
}

TEST_CASE("schedule: after a gap each probe once, and not in step afterwards", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  constexpr std::size_t kProbes = 1000;
  for (std::size_t id = 0; id < kProbes; ++id) {
    schedule.add(id, "k" + std::to_string(id), 10s, at(0));
  }
  std::vector<int> rounds(kProbes, 0);
  const auto take = [&](SteadyTime now) {
    const auto taken = schedule.take_due(now);
    for (const std::size_t id : taken) {
      ++rounds[id];
      schedule.finished(id, 10s, now);
    }
    return taken.size();
  };
  while (*schedule.next_due() < at(20)) {
    take(*schedule.next_due());
  }
  std::ranges::fill(rounds, 0);
  CHECK(take(at(500)) == kProbes);
  CHECK(take(at(500)) == 0);
  CHECK(std::ranges::all_of(rounds, [](int count) { return count == 1; }));
  std::size_t most_in_a_second = 0;
  for (int second = 500; second < 515; ++second) {
    std::size_t count = 0;
    while (*schedule.next_due() < at(second + 1)) {
      count += take(*schedule.next_due());
    }
    most_in_a_second = std::max(most_in_a_second, count);
    if (second < 505) {
      CHECK(count == 0);
    }
  }
  CHECK(most_in_a_second < 150);  // 100 on average
}

TEST_CASE("schedule: agrees with a plain list over many operations", "[schedule]") {
  Middle random;
  Schedule schedule(random, at(0));
  std::map<std::size_t, SteadyTime> due;
  std::map<std::size_t, SteadyTime> running;
  std::mt19937 engine{7};
  SteadyTime now = at(0);
  const auto rounded = [](SteadyTime time) {
    const Duration since = time - at(0);
    return at(0) + (since + kSlot - Duration(1)) / kSlot * kSlot;
  };
  for (int step = 0; step < 50000; ++step) {
    const std::size_t id = engine() % 50;
    switch (engine() % 4) {
      case 0:
        schedule.add(id, "k", 0s, now);
        running.erase(id);
        due[id] = now;
        break;
      case 1:
        if (engine() % 8 == 0) {
          schedule.remove(id);
          running.erase(id);
          due.erase(id);
        }
        break;
      case 2: {
        const Duration interval = std::chrono::milliseconds(engine() % 60000);
        schedule.finished(id, interval, now);
        if (const auto found = running.find(id); found != running.end()) {
          due[id] = std::max(now, rounded(found->second + interval));
          running.erase(found);
        }
        break;
      }
      default: {
        now += std::chrono::microseconds(engine() % 40000);
        // Late by more than half an interval is another test's matter: take what is due in time.
        while (schedule.next_due() && *schedule.next_due() <= now) {
          const SteadyTime next = *schedule.next_due();
          for (const std::size_t taken : schedule.take_due(next)) {
            if (due.at(taken) != next) {
              FAIL("taken at another time at step " << step);
            }
            due.erase(taken);
            running[taken] = next;
          }
        }
        REQUIRE(std::ranges::all_of(due, [&](const auto& entry) { return entry.second > now; }));
      }
    }
    std::optional<SteadyTime> next;
    for (const auto& [other, time] : due) {
      next = next ? std::min(*next, time) : time;
    }
    if (schedule.next_due() != next) {
      FAIL("another next_due at step " << step);
    }
  }
}

}  // namespace
}  // namespace ronda::agent
