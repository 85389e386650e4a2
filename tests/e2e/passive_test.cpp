// Replicas that are judged by words from outside: `ronda report` and a file.
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

const std::string kTold = R"("type": "passive", "fall": 1, "rise": 1, "expires": "2s")";

bool answers(const Site& site, const Addresses& wanted) {
  return eventually(kSoon, [&] { return site.answer() == wanted; });
}

Finished report(const Site& site, const Arguments& words) {
  Arguments arguments{"report", "-c", site.config().string()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return run_ronda(arguments);
}

// Null while the daemon does not answer yet.
json replica_of(const Daemon& daemon, std::size_t index) {
  const auto status = daemon.status();
  return status ? status->at("services").at(0).at("replicas").at(index) : json();
}

bool is(const Daemon& daemon, std::size_t index, const std::string& verdict) {
  return eventually(kSoon, [&] {
    const json replica = replica_of(daemon, index);
    return replica.is_object() && replica.at("last").is_object() &&
           replica.at("last").at("verdict") == verdict;
  });
}

}  // namespace

TEST_CASE("report takes a replica out and in at once, and an old word holds what is published") {
  Site site(3);
  site.write_config({.before = Daemon::control(site), .check = kTold});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(is(daemon, 0, "unknown"));  // nobody has said anything
  CHECK(site.answer() == site.all());

  const Finished all = report(site, {"*", "pass"});
  INFO(all.errors << daemon.log());
  REQUIRE(all.code == 0);
  CHECK(all.errors ==
        "ronda: reported pass for 3 replicas: www.example.com/web1, www.example.com/web2, "
        "www.example.com/web3\n");
  REQUIRE(daemon.reaches("ok"));
  CHECK(site.named().update_count() == 0);

  const Finished failed =
      report(site, {"www.example.com/web2", "fail", "--reason", "disk full & more = 100%"});
  CHECK(failed.code == 0);
  CHECK(failed.errors == "ronda: reported fail for www.example.com/web2\n");
  CHECK(failed.output.empty());
  REQUIRE(answers(site, site.without({2})));
  CHECK(
      daemon.logs("report service=www.example.com replica=web2 verdict=fail reason=\"disk full "
                  "& more = 100%\" uid=" +
                  std::to_string(::getuid())));

  // The words grow old: nobody knows any more, and nothing changes.
  REQUIRE(is(daemon, 1, "unknown"));
  REQUIRE(is(daemon, 0, "unknown"));
  const std::size_t updates = site.named().update_count();
  CHECK(site.answer() == site.without({2}));
  CHECK(replica_of(daemon, 1).at("state") == "down");

  CHECK(report(site, {"*/web2", "pass"}).code == 0);
  REQUIRE(answers(site, site.all()));
  CHECK(site.named().update_count() == updates + 1);
}

TEST_CASE("a report is shown with its reason, and a warning counts as a pass") {
  Site site(2);
  site.write_config({.before = Daemon::control(site),
                     .check = R"("type": "passive", "fall": 1, "rise": 1, "expires": "1h")"});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(is(daemon, 0, "unknown"));
  REQUIRE(report(site, {"*", "pass"}).code == 0);
  REQUIRE(daemon.reaches("ok"));
  REQUIRE(report(site, {"*/web2", "fail", "--reason", "disk full & more = 100%"}).code == 0);
  REQUIRE(answers(site, site.without({2})));
  CHECK_THAT(replica_of(daemon, 1).at("last").at("detail").get<std::string>(),
             ContainsSubstring("disk full & more = 100%"));
  REQUIRE(report(site, {"*/web1", "warn", "--reason", "slow"}).code == 0);
  CHECK(is(daemon, 0, "warn"));
  CHECK(site.answer() == site.without({2}));
}

TEST_CASE("each report is one verdict, however often it is looked at") {
  Site site(2);
  site.write_config({.before = Daemon::control(site),
                     .check = R"("type": "passive", "fall": 3, "rise": 1, "expires": "1h")"});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(is(daemon, 0, "unknown"));
  REQUIRE(report(site, {"*", "pass"}).code == 0);
  REQUIRE(daemon.reaches("ok"));
  REQUIRE(report(site, {"www.example.com/web1", "fail"}).code == 0);
  const auto counter = [&] { return replica_of(daemon, 0).at("counter").get<std::string>(); };
  const auto counts_to = [&](const std::string& text) {
    return eventually(kSoon, [&] { return counter() == text; });
  };
  CHECK(counts_to("1/3"));
  REQUIRE(report(site, {"www.example.com/web1", "fail"}).code == 0);
  CHECK(counts_to("2/3"));
  // Looked at every 100 ms meanwhile: wait until that shows in the detail's age.
  CHECK(eventually(kSoon, [&] {
    const auto detail = replica_of(daemon, 0).at("last").at("detail").get<std::string>();
    return detail.starts_with("reported fail ") && detail.ends_with("s ago");
  }));
  CHECK(counter() == "2/3");
  CHECK(site.answer() == site.all());
  REQUIRE(report(site, {"www.example.com/web1", "fail"}).code == 0);
  CHECK(answers(site, site.without({1})));

  // The same words and a reload: nothing is counted again, and nothing forgotten.
  REQUIRE(run_ronda({"reload", "-c", site.config().string()}).code == 0);
  REQUIRE(daemon.logs("reloaded"));
  CHECK(replica_of(daemon, 0).at("state") == "down");
  CHECK(replica_of(daemon, 1).at("state") == "up");
}

TEST_CASE("a report that reaches nobody says so") {
  Site site(1);
  site.write_config({.before = Daemon::control(site), .check = kTold});
  const Finished nobody = report(site, {"www.example.com/web1", "pass"});
  CHECK(nobody.code == 3);
  CHECK_THAT(nobody.errors, ContainsSubstring("start it with `ronda run`"));
  Daemon daemon(site);
  daemon.start();
  REQUIRE(is(daemon, 0, "unknown"));
  const Finished unknown = report(site, {"www.example.com/web7", "pass"});
  CHECK(unknown.code == 3);
  CHECK(unknown.errors ==
        "ronda: no replica is called \"www.example.com/web7\"; did you mean "
        "\"www.example.com/web1\"?\n");
  for (const Arguments& wrong :
       {Arguments{"www.example.com/web1", "up"}, Arguments{"www.example.com/web1"}, Arguments{}}) {
    CHECK(report(site, wrong).code == 64);
  }
  daemon.process().stop();

  site.write_config({.before = Daemon::control(site)});
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  const Finished deaf = report(site, {"www.example.com/web1", "fail"});
  CHECK(deaf.code == 3);
  CHECK(deaf.errors ==
        "ronda: \"www.example.com/web1\" has no check of type \"passive\": nobody listens\n");
}

TEST_CASE("a file of words, for the daemon, for check and for probe") {
  Site site(2);
  const auto words = site.folder() / "words";
  site.write_config({.before = Daemon::control(site),
                     .check = R"("type": "passive", "file": "words", "fall": 1, "rise": 1)"});
  const auto write = [&](const std::string& text) {
    std::ofstream(site.folder() / "words.new") << text;
    std::filesystem::rename(site.folder() / "words.new", words);
  };
  write("web1 pass\nweb2 pass\n");
  Daemon daemon(site);
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  const Finished deaf = report(site, {"www.example.com/web1", "fail"});
  CHECK(deaf.code == 3);
  CHECK_THAT(deaf.errors, ContainsSubstring("hears only what stands in " + words.string()));
  write("web1 pass\nwww.example.com/web2 fail disk full\n");
  CHECK(answers(site, site.without({2})));
  write("web1 pass\nweb2 pass\n");
  CHECK(answers(site, site.all()));
  daemon.process().stop();

  // One-shot: the word is all there is, and thresholds are reached by looking again.
  site.write_config({.check = R"("type": "passive", "file": "words")"});
  write("web1 pass\nweb2 fail\n");
  const Finished probe = run_ronda(
      {"probe", "web", "www.example.com/web2", "-c", site.config().string(), "--explain"});
  CHECK(probe.code == 2);
  CHECK_THAT(probe.output, ContainsSubstring("reads " + words.string()));
  const Finished check = run_ronda({"check", "-c", site.config().string()});
  INFO(check.output << check.errors);
  CHECK(check.code == 1);
  CHECK(site.answer() == site.without({2}));

  // Without a file nobody can have told a one-shot run anything.
  site.write_config({.check = R"("type": "passive")"});
  const Finished silent = run_ronda({"probe", "web", "192.0.2.1", "-c", site.config().string()});
  CHECK(silent.code == 3);
  CHECK_THAT(silent.output, ContainsSubstring("hear only what stands in a \"file\""));
}
