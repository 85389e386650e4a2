// Other hands on the records: a writer who undoes what the daemon does, and the daemon's own update
// that lands when nobody expects it any more.
#include <chrono>
#include <string>

#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named_process.hpp"

using namespace ronda::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr const char* kQuick =
    R"("interval": "1s", "fast_interval": "100ms", "timeout": "1s", "fall": 2, "rise": 2, "grace": "5s")";

void put_back(Site& site, int replica) {
  const std::string path = (site.folder() / "put_back").string();
  write_file(path, "server " + site.named().address() + " " + std::to_string(site.named().port()) +
                       "\nzone example.com\nupdate add " + kOwner + " 60 A " + loopback(replica) +
                       "\nsend\n");
  CHECK(run_command({"/usr/bin/nsupdate", "-k", site.named().key_path(), path}).empty());
}

}  // namespace

TEST_CASE("somebody puts a dead replica back again and again: a duel, named and slowed down") {
  Site site(3);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  site.replica(2).stop();
  for (int undone = 1; undone <= 3; ++undone) {
    INFO("time " << undone << "\n" << daemon.log());
    REQUIRE(eventually(kSoon, [&] { return site.answer() == site.without({2}); }));
    put_back(site, 2);
  }
  const std::string record = std::string(kOwner) + " A " + loopback(2);
  REQUIRE(daemon.logs("duel service=" + std::string(kOwner)));
  CHECK_THAT(daemon.log(), ContainsSubstring("record=\"" + record + "\" undone=3"));
  const std::uint64_t updates = site.named().update_count();

  const Finished status = run_ronda({"status", "-c", site.config().string(), "--json"});
  CHECK(status.code == 1);
  const json shown = json::parse(status.output);
  CHECK_THAT(shown.at("services").at(0).at("alarms").at(0).get<std::string>(),
             ContainsSubstring(record) && ContainsSubstring("3 times"));
  CHECK(shown.at("errors").size() == 1);
  CHECK_THAT(run_ronda({"status", "-c", site.config().string()}).output,
             ContainsSubstring("alarm: ") && ContainsSubstring(", duel"));

  // The other replicas are looked after as before.
  site.replica(3).stop();
  CHECK(eventually(kSoon, [&] { return site.answer() == site.without({3}); }));
  CHECK(site.named().update_count() == updates + 1);
  site.replica(3).start();
  CHECK(eventually(kSoon, [&] { return site.answer() == site.all(); }));
  CHECK(site.named().update_count() == updates + 2);
}

TEST_CASE("a stopped primary removes a replica on waking that is well again: it comes back") {
  Site site(2);
  site.write_config({.before = Daemon::control(site), .defaults = kQuick});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  site.named().pause();
  site.replica(2).stop();
  REQUIRE(daemon.logs("outcome=unknown"));
  site.replica(2).start();
  REQUIRE(daemon.logs("from=rising to=up"));
  site.named().resume();
  // Once out, by the daemon's own late update, and once in.
  INFO(daemon.log());
  CHECK(eventually(kSoon, [&] { return site.named().serial() == 3; }));
  CHECK(eventually(kSoon, [&] { return site.answer() == site.all(); }));
  CHECK(daemon.log().find("duel ") == std::string::npos);
}
