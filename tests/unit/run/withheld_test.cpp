// Reports in the daemon's rounds: whom they hold back, and whom they must not.
#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

constexpr auto kDaemon = agent::Purpose::daemon;

// Replica i is judged by probe 2 i and reported about by probe 2 i + 1.
agent::ServiceConfig with_load(const std::vector<std::string>& replicas, double high = 2) {
  agent::ServiceConfig made = service("www.example.com", replicas);
  made.demotions.push_back({.name = "number",
                            .marks = {{.measure = "number", .high = high, .low = high - 1}},
                            .ttl = 30s});
  for (agent::Member& member : made.members) {
    agent::MemberCheck report = member.checks.front();
    report.name = "number";
    report.endpoint.port = 9000;
    member.reports.push_back(report);
  }
  return made;
}

agent::ServiceConfig with(agent::ServiceConfig made, const agent::DemotionRule& rule) {
  made.demotions = {rule};
  return made;
}
const agent::DemotionRule kWords = {.name = "agent", .ttl = 60s};
const agent::DemotionRule kLag = {.name = "freshness", .max_lag = 600, .ttl = 30s};

probes::ProbeResult drains() {
  probes::ProbeResult result = pass();
  result.reading = {.word = probes::AgentWord::drain, .said = "drain"};
  return result;
}
probes::ProbeResult stamp(double value) {
  probes::ProbeResult result = pass();
  result.reading.measures.push_back({.name = "stamp", .value = value});
  return result;
}

probes::ProbeResult load(double value) {
  probes::ProbeResult result = pass();
  result.reading.measures.push_back({.name = "number", .value = value});
  return result;
}

Round adopting(const agent::ServiceConfig& config, const std::vector<std::string>& published) {
  Round round(config_of({config}), kDaemon);
  round.zone.push_back(rrset("www.example.com", published));
  round.step(agent::Tick{});
  round.answer_read();
  return round;
}

// The second of two, which is well and not in the zone, for its load.
Round with_one_withheld() {
  Round round = adopting(with_load({"192.0.2.1", "192.0.2.2"}), {"192.0.2.1"});
  round.probe(0, pass());
  round.probe(1, load(0));
  for (int i = 0; i < 2; ++i) {
    round.probe(2, pass());
    round.probe(3, load(9));
  }
  round.advance(5s);
  return round;
}

TEST_CASE("a dead replica waits for no report of its load") {
  Round round = adopting(with_load({"192.0.2.1", "192.0.2.2"}), {"192.0.2.1", "192.0.2.2"});
  round.probe(0, pass());
  round.probe(1, load(0));
  round.probe(2, fail());
  round.probe(2, fail());
  REQUIRE(round.writes.size() == 1);  // probe 3 has said nothing yet
  CHECK(round.writes[0].changes[0].wanted.to_strings() == std::vector<std::string>{"192.0.2.1"});
}

TEST_CASE("a report that does not come decides nothing, and is said once, as is its return") {
  Round round = adopting(with_load({"192.0.2.1", "192.0.2.2"}), {"192.0.2.1", "192.0.2.2"});
  for (int time = 0; time < 5; ++time) {
    round.probe(0, pass());
    round.probe(1, time < 2 ? load(0) : fail());
    round.probe(2, pass());
    round.probe(3, fail());
  }
  const auto said = [&](const std::string& text) {
    return std::ranges::count_if(
        round.log, [&](const std::string& line) { return line.find(text) != line.npos; });
  };
  const std::string missing = "report_missing service=www.example.com replica=192.0.2.";
  CHECK(said(missing + "1 ") == 1);
  CHECK(said(missing + "2 ") == 1);
  CHECK(said("report=number code=L4CON detail=refused") == 2);
  CHECK(round.writes.empty());
  round.probe(1, load(0));
  round.probe(1, fail());
  round.probe(1, load(0));
  CHECK(said("report_back service=www.example.com replica=192.0.2.1 ") == 1);
  CHECK(said(missing + "1 ") == 1);
}

TEST_CASE("one that is hot and may not go yet is told, and said once") {
  const std::vector<std::string> all = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"};
  Round round = adopting(with_load(all), all);
  for (std::size_t id = 0; id < 8; id += 2) {
    round.probe(id, pass());
  }
  for (int time = 0; time < 5; ++time) {
    for (std::size_t id = 1; id < 8; id += 2) {
      round.probe(id, load(id < 4 ? 9 : 0));
    }
  }
  REQUIRE(round.writes.size() == 1);
  const std::string line =
      "waits service=www.example.com replica=192.0.2.2 address=192.0.2.2 kind=hot reason=\"number "
      "9 "
      "over 2; one replica goes in five minutes, the last was 192.0.2.1\"";
  CHECK(std::ranges::count(round.log, line) == 1);
  round.answer_write();
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  const agent::ReplicaStatus& waiting = snapshot.services[0].replicas[1];
  CHECK(waiting.published);
  CHECK(waiting.withheld.kind == agent::Withheld::none);
  CHECK(waiting.waits.kind == agent::Withheld::hot);
  CHECK(agent::exit_code(snapshot) == 1);
}

TEST_CASE("agents that drain in one turn take their replicas out at once, one UPDATE each") {
  const std::vector<std::string> all = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"};
  Round round = adopting(with(with_load(all), kWords), all);
  for (std::size_t id = 0; id < 8; id += 2) {
    round.probe(id, pass());
  }
  round.probe({{.probe = 1, .result = drains()},
               {.probe = 3, .result = drains()},
               {.probe = 5, .result = drains()},
               {.probe = 7, .result = drains()}});
  // As long as something is to do, each wakes the next: no report is waited for.
  for (int turn = 0; turn < 3; ++turn) {
    REQUIRE(round.writes.size() == 1);
    round.answer_write();
    const auto wakeup = round.reconciler.next_wakeup();
    REQUIRE(wakeup.has_value());
    CHECK(*wakeup - round.now <= 100ms);
    round.advance(100ms);
  }
  CHECK(round.writes.empty());
  CHECK(round.held("www.example.com").size() == 1);  // min_healthy
}

TEST_CASE("who is not in the zone waits for the others' stamps before it is added") {
  const std::vector<std::string> all = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
  const std::vector<std::string> fresh = {"192.0.2.2", "192.0.2.3"};
  Round round = adopting(with(with_load(all), kLag), fresh);
  for (int time = 0; time < 3; ++time) {
    for (std::size_t id = 0; id < 6; id += 2) {
      round.probe(id, pass());
    }
    round.probe(1, stamp(1000));
    round.advance(1s);
  }
  CHECK(round.writes.empty());
  round.probe(3, stamp(9000));
  round.advance(1s);
  CHECK(round.writes.empty());
  round.probe(5, fail());  // that nobody tells is an answer, too
  round.probe(3, stamp(9000));
  round.advance(1s);
  CHECK(round.held("www.example.com") == fresh);
  round.probe(5, stamp(9000));
  round.advance(1s);
  CHECK(round.writes.empty());
  CHECK(round.logged("withheld service=www.example.com replica=192.0.2.1"));
}

TEST_CASE("what we slept through publishes nobody who is withheld") {
  Round round = with_one_withheld();
  REQUIRE(round.writes.empty());
  round.now += 600s;
  round.wall += 600s;
  round.step(agent::LoopGap{});
  round.step(agent::Tick{});
  round.advance(2s);
  CHECK(round.writes.empty());
  round.advance(60s);
  round.probe(0, pass());
  round.probe(2, pass());
  while (!round.reads.empty()) {
    round.answer_read();
  }
  round.advance(2s);  // an addition waits for company
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.to_strings().size() == 2);
}

TEST_CASE("a reload with another mark publishes nobody who is withheld by both") {
  Round round = with_one_withheld();
  REQUIRE(round.writes.empty());
  agent::Reconciler next(config_of({with_load({"192.0.2.1", "192.0.2.2"}, 3)}), {}, kDaemon,
                         round.now, round.wall);
  next.carry(round.reconciler);
  round.reconciler = std::move(next);
  round.reads.clear();
  round.step(agent::Tick{});
  round.answer_read();
  round.advance(5s);
  CHECK(round.writes.empty());
  const auto replicas = round.reconciler.snapshot(round.wall).services[0].replicas;
  CHECK(replicas[1].withheld.why == "number 9 over 3");
}

TEST_CASE("a reload says of nobody again that it is withheld, and says who no longer is") {
  Round round = with_one_withheld();
  REQUIRE(round.logged("withheld service=www.example.com replica=192.0.2.2"));
  const auto reload = [&](const agent::ServiceConfig& config) {
    round.log.clear();
    round.reads.clear();
    agent::Reconciler next(config_of({config}), {}, kDaemon, round.now, round.wall);
    next.carry(round.reconciler);
    round.reconciler = std::move(next);
    round.step(agent::Tick{});
    round.answer_read();
    round.advance(5s);
  };
  // Another place in the list is the same replica.
  reload(with_load({"192.0.2.2", "192.0.2.1"}));
  CHECK_FALSE(round.logged("withheld"));
  CHECK_FALSE(round.logged("released"));
  reload(with_load({"192.0.2.1", "192.0.2.2"}, 20));
  CHECK(round.logged("released service=www.example.com replica=192.0.2.2"));
}

}  // namespace
}  // namespace ronda::test
