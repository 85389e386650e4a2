#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/manager_socket.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kQuick =
    R"("interval": "1s", "fast_interval": "100ms", "timeout": "1s", "fall": 2, "rise": 2)";

std::int64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

std::string text_of(const std::optional<Notice>& notice) {
  return notice ? notice->text : std::string();
}

// SIGHUP, and what the manager hears of it up to the new READY=1.
std::string reload_by_signal(Daemon& daemon, const ManagerSocket& manager) {
  constexpr std::string_view kStart = "RELOADING=1\nMONOTONIC_USEC=";
  const std::int64_t before = monotonic_microseconds();
  daemon.process().signal(SIGHUP);
  const std::string reloading = text_of(manager.next(kSoon));
  const std::int64_t after = monotonic_microseconds();
  REQUIRE(reloading.starts_with(kStart));
  const std::int64_t said = std::stoll(reloading.substr(kStart.size()));
  CHECK(said >= before);
  CHECK(said <= after);
  return text_of(manager.next(kSoon));
}

}  // namespace

TEST_CASE("the service manager hears of the start, of every reload and of the end") {
  Site site(2);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  const bool by_path = GENERATE(true, false);
  const ManagerSocket manager(by_path ? (site.folder() / "notify").string()
                                      : "@ronda-test-" + std::to_string(::getpid()));
  Daemon daemon(site);
  daemon.start({manager.variable()});
  CHECK(text_of(manager.next(kSoon)) == "READY=1\nSTATUS=1 services, 2 replicas, enforce");
  REQUIRE(daemon.reaches("ok"));
  CHECK_FALSE(manager.next(0ms));  // once, and no WATCHDOG=1 that nobody asked for

  site.write_config(
      {.before = R"("mode": "observe",)" + Daemon::control(site), .defaults = kQuick});
  CHECK(reload_by_signal(daemon, manager) == "READY=1\nSTATUS=1 services, 2 replicas, observe");
  site.folder().write("ronda.json", "{ \"zones\": 1 }");
  CHECK(reload_by_signal(daemon, manager) == "READY=1\nSTATUS=1 services, 2 replicas, observe");
  CHECK(daemon.logs("reload_failed"));

  daemon.process().signal(SIGTERM);
  CHECK(text_of(manager.next(kSoon)) == "STOPPING=1");
  CHECK(daemon.process().wait() == Ended{0, 0});
  CHECK_FALSE(manager.next(0ms));
}

TEST_CASE("the watchdog is fed while probes and the primary hang, and not by a stopped loop") {
  constexpr auto kPeriod = 1000ms;
  Site site(2);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  const ManagerSocket manager((site.folder() / "notify").string());
  Daemon daemon(site);
  daemon.start({manager.variable(), "WATCHDOG_USEC=1000000"});
  REQUIRE(daemon.reaches("ok"));
  site.replica(1).pause();
  site.named().pause();
  REQUIRE(daemon.logs("to=falling"));
  while (manager.next(0ms)) {
  }

  auto last = std::chrono::steady_clock::now();
  std::vector<std::chrono::nanoseconds> pauses;
  while (pauses.size() < 7) {
    const std::optional<Notice> notice = manager.next(kPeriod);
    REQUIRE(notice);
    CHECK(notice->text == "WATCHDOG=1");
    pauses.push_back(notice->at - last);
    last = notice->at;
  }
  // The first began in the middle of one.
  std::sort(pauses.begin() + 1, pauses.end());
  CHECK(pauses.at(4) < kPeriod * 6 / 10);
  CHECK(pauses.back() < kPeriod);

  daemon.process().pause();
  while (manager.next(0ms)) {
  }
  CHECK_FALSE(manager.next(kPeriod * 3 / 2));
  daemon.process().signal(SIGCONT);
  CHECK(text_of(manager.next(kPeriod)) == "WATCHDOG=1");
}

TEST_CASE("a watchdog meant for another process is not fed") {
  Site site(1);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  const ManagerSocket manager((site.folder() / "notify").string());
  Daemon daemon(site);
  daemon.start({manager.variable(), "WATCHDOG_USEC=20000", "WATCHDOG_PID=1"});
  REQUIRE(manager.next_with("READY=1", kSoon) != "");
  const std::size_t requests = site.replica(1).requests();
  REQUIRE(eventually(kSoon, [&] { return site.replica(1).requests() >= requests + 2; }));
  CHECK_FALSE(manager.next(0ms));
}

TEST_CASE("lines for the journal carry priorities, lines for others the time") {
  Site site(1);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  Daemon daemon(site);
  const bool to_journal = GENERATE(true, false);
  // What counts is where stderr goes, not that the variable is set.
  struct stat status{};
  REQUIRE(::stat(site.folder().write("run.err", "").c_str(), &status) == 0);
  daemon.start({"JOURNAL_STREAM=" + std::to_string(status.st_dev) + ":" +
                std::to_string(status.st_ino + (to_journal ? 0 : 1))});
  REQUIRE(daemon.reaches("ok"));
  site.replica(1).stop();
  REQUIRE(daemon.logs("to=down"));
  REQUIRE(daemon.process().stop() == Ended{0, 0});

  std::istringstream lines(daemon.log());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    INFO(line);
    if (to_journal) {
      CHECK_THAT(line, Catch::Matchers::Matches("<[346]>[a-z_]+( .*)?"));
    } else {
      CHECK_THAT(line, Catch::Matchers::Matches(
                           R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info) .*)"));
    }
  }
  CHECK(count >= 3);
  if (to_journal) {
    CHECK_THAT(daemon.log(), Catch::Matchers::StartsWith("<6>started version="));
  }
}
