// Replicas that are healthy and all the same kept out of the answer: drained by their own status or
// by their agents, loaded, or with old data.
#include <string>

#include <nlohmann/json.hpp>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/agent_line.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

const std::string kDrains =
    R"("type": "http", "path": "/health", "drain_status": [404], "port": )" +
    std::to_string(kHttpPort);

bool answers(const Site& site, const Addresses& wanted) {
  return eventually(kSoon, [&] { return site.answer() == wanted; });
}

json replica_of(const json& report, std::size_t index) {
  return report.at("services").at(0).at("replicas").at(index);
}

}  // namespace

TEST_CASE(
    "a replica that answers with its drain_status is withheld, which is well, and comes back") {
  Site site(2);
  site.write_config({.before = Daemon::control(site), .check = kDrains});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(daemon.reaches("ok"));

  site.replica(2).set_healthy(false);
  INFO(daemon.log());
  REQUIRE(answers(site, site.without({2})));
  CHECK(daemon.logs("withheld service=www.example.com replica=web2"));
  REQUIRE(daemon.reaches("ok"));  // the daemon, too, has heard that its update was done
  const Finished status = run_ronda({"status", "-c", site.config().string(), "--json"});
  CHECK(status.code == 0);
  const json report = json::parse(status.output);
  CHECK(report.at("services").at(0).at("state") == "ok");
  CHECK(replica_of(report, 1).at("state") == "up");
  CHECK(replica_of(report, 1).at("withheld").at("kind") == "drained");
  CHECK(replica_of(report, 1).at("last").at("code") == "L7OKC");
  CHECK(replica_of(report, 0).at("withheld").is_null());
  CHECK(
      run_ronda({"status", "-c", site.config().string()}).output.find("web2 withheld: check web") !=
      std::string::npos);

  // It is still better than a dead one.
  site.replica(1).stop();
  REQUIRE(answers(site, site.without({1})));
  site.replica(1).start();
  REQUIRE(answers(site, site.without({2})));

  // A restart knows of it and writes nothing.
  const std::size_t updates = site.named().update_count();
  daemon.process().stop();
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  CHECK(site.answer() == site.without({2}));
  CHECK(site.named().update_count() == updates);

  site.replica(2).set_healthy(true);
  CHECK(answers(site, site.all()));
  CHECK(daemon.logs("released service=www.example.com replica=web2"));
}

TEST_CASE("check takes a draining replica out, leaves the last one, and adds none that drains") {
  Site site(2);
  site.write_config({.check = kDrains});
  const auto check = [&] { return run_ronda({"check", "-c", site.config().string(), "--json"}); };
  site.replica(2).set_healthy(false);
  const Finished first = check();
  INFO(first.output << first.errors);
  CHECK(first.code == 0);
  CHECK(site.answer() == site.without({2}));
  // What was never seen healthy is not believed to be: it stays out, and is shown as down.
  const Finished second = check();
  INFO(second.output << second.errors);
  CHECK(second.code == 1);
  CHECK(replica_of(json::parse(second.output), 1).at("state") == "down");
  CHECK(site.named().update_count() == 1);

  site.replica(1).set_healthy(false);
  CHECK(check().code != 3);
  CHECK(site.answer() == site.without({2}));
  CHECK(site.named().update_count() == 1);

  site.replica(1).set_healthy(true);
  site.replica(2).set_healthy(true);
  CHECK(check().code == 0);
  CHECK(site.answer() == site.all());
}

namespace {

constexpr std::uint16_t kAgentPort = 28777;

// Reports beside the checks, read twice a second.
std::string with_load(const std::string& load) {
  return R"(, "load": [{ "interval": "500ms", "timeout": "400ms", )" + load + " }]";
}
std::string with_agent(const std::string& more = "") {
  return with_load(R"("type": "agent", "port": )" + std::to_string(kAgentPort) + more);
}

}  // namespace

TEST_CASE(
    "an agent's drain takes its replica out, its up puts it back, its silence ends its word") {
  Site site(2);
  AgentLineServer first(loopback(1), kAgentPort, "up 100%");
  AgentLineServer second(loopback(2), kAgentPort, "UP");
  site.write_config(
      {.before = Daemon::control(site), .service = with_agent(R"(, "agent_ttl": "2s")")});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(daemon.reaches("ok"));
  CHECK(site.named().update_count() == 0);

  second.say("drain # backup");
  INFO(daemon.log());
  REQUIRE(answers(site, site.without({2})));
  const json report = daemon.status().value();
  CHECK(report.at("services").at(0).at("state") == "ok");
  CHECK(replica_of(report, 1).at("state") == "up");
  CHECK(replica_of(report, 1).at("withheld").at("kind") == "drained");
  CHECK(replica_of(report, 1).at("withheld").at("reason") == "its agent says \"drain # backup\"");
  CHECK(replica_of(report, 1).at("reports").at(0).at("last").at("detail") == "drain # backup");
  second.say("up");
  REQUIRE(answers(site, site.all()));

  second.say("down");
  REQUIRE(answers(site, site.without({2})));
  REQUIRE(daemon.reaches("degraded"));
  second.stop();
  CHECK(answers(site, site.all()));
  CHECK(daemon.reaches("ok"));
}

TEST_CASE("check asks the agents, adds none that drains and leaves the last one") {
  Site site(2);
  AgentLineServer first(loopback(1), kAgentPort, "up");
  AgentLineServer second(loopback(2), kAgentPort, "maint");
  site.write_config({.service = with_agent()});
  const auto check = [&] { return run_ronda({"check", "-c", site.config().string()}); };
  const Finished plan = run_ronda({"plan", "-c", site.config().string()});
  INFO(plan.output << plan.errors);
  CHECK(plan.code == 1);
  CHECK(plan.output.find("web2 withheld: its agent says \"maint\"") != std::string::npos);
  CHECK(check().code == 0);
  CHECK(site.answer() == site.without({2}));
  CHECK(check().code == 0);
  CHECK(site.answer() == site.without({2}));
  first.say("drain");
  CHECK(check().code == 0);
  CHECK(site.answer() == site.without({2}));
  CHECK(site.named().update_count() == 1);
  first.stop();
  second.say("ready");
  CHECK(check().code == 0);
  CHECK(site.answer() == site.all());
  CHECK(run_ronda({"probe", "agent", "www.example.com/web2", "-c", site.config().string()})
            .output.starts_with("PASS L7OK agent"));
}
