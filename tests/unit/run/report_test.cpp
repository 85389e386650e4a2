// Words from outside: for whom they are, and that each counts once.
#include "agent/run/glob.hpp"
#include "agent/run/report_targets.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

using Strings = std::vector<std::string>;

// Two services with the same two replicas; "www" is told, "ftp" reads a file, web2's first check
// is a connection.
agent::Config two_services() {
  agent::Config config = config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                                    service("ftp.example.com", {"192.0.2.1"}),
                                    service("*.example.com", {"192.0.2.9"})});
  for (agent::ServiceConfig& each : config.services) {
    for (agent::Member& member : each.members) {
      member.replica = "web" + member.replica.substr(8);
      agent::MemberCheck& check = member.checks.front();
      check.spec.kind = "passive";
      check.spec.protocol =
          probes::PassiveCheck{.file = each.id == "ftp.example.com" ? "/run/words" : "",
                               .service = each.id,
                               .replica = member.replica};
      if (each.id == "*.example.com") {
        check.spec.protocol = probes::HttpCheck{};
      }
    }
  }
  // An address more of web2, and a check of another kind in front.
  agent::ServiceConfig& www = config.services.front();
  www.members.push_back(www.members.back());
  www.members.back().address = ip("192.0.2.3");
  www.members.back().checks.front().endpoint.ip = ip("192.0.2.3");
  agent::MemberCheck http = www.members.back().checks.front();
  http.spec.protocol = probes::HttpCheck{};
  www.members.back().checks.insert(www.members.back().checks.begin(), http);
  return config;
}

std::string told(const std::string& name) {
  const agent::Config config = two_services();
  const agent::ProbeTable probes(config, net::SteadyTime{});
  const auto targets = agent::report_targets(config, probes, name);
  if (!targets) {
    return "error: " + targets.error();
  }
  std::string text;
  for (const agent::ReportTarget& target : *targets) {
    text += target.service + "/" + target.replica;
    for (const std::size_t probe : target.probes) {
      REQUIRE(std::holds_alternative<probes::PassiveCheck>(probes.at(probe).check.spec.protocol));
      text += " " + probes.at(probe).check.endpoint.ip.to_string();
    }
    text += "; ";
  }
  return text;
}

probes::ProbeResult word(const probes::ProbeResult& result, std::uint64_t number) {
  probes::ProbeResult made = result;
  made.report = number;
  return made;
}

Round running(agent::Purpose purpose = agent::Purpose::daemon) {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), purpose);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  return round;
}

}  // namespace

TEST_CASE("wildcards as a shell has them, in bounded time") {
  CHECK(agent::glob_matches("*/web3", "www.example.com/web3"));
  CHECK_FALSE(agent::glob_matches("*/web3", "www.example.com/web33"));
  CHECK(agent::glob_matches("www.*/web?", "www.example.com/web3"));
  CHECK(agent::glob_matches("*", ""));
  CHECK(agent::glob_matches("**", "a/b"));
  CHECK(agent::glob_matches("a*b*c", "a-b-b-c"));
  CHECK_FALSE(agent::glob_matches("a*b*c", "a-b-b-"));
  CHECK_FALSE(agent::glob_matches("", "a"));
  CHECK(agent::glob_matches("", ""));
  CHECK_FALSE(agent::glob_matches("?", ""));
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    pattern += "a*";
  }
  CHECK_FALSE(agent::glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("a report reaches the passive checks of whom it names, and nobody else") {
  CHECK(told("www.example.com/web1") == "www.example.com/web1 192.0.2.1; ");
  CHECK(told("www.example.com/web2") == "www.example.com/web2 192.0.2.2 192.0.2.3; ");
  CHECK(told("*/web1") == "www.example.com/web1 192.0.2.1; ");
  CHECK(told("www.example.com/*") ==
        "www.example.com/web1 192.0.2.1; www.example.com/web2 192.0.2.2 192.0.2.3; ");
  CHECK(told("www.example.com/web7") ==
        "error: no replica is called \"www.example.com/web7\"; did you mean "
        "\"www.example.com/web1\"?");
  CHECK_THAT(told("web1"), Catch::Matchers::StartsWith("error: no replica is called \"web1\""));
  CHECK_THAT(told(""), Catch::Matchers::StartsWith("error: no replica is called \"\""));
  CHECK(told("ftp.example.com/web1") ==
        "error: the passive check of \"ftp.example.com/web1\" hears only what stands in "
        "/run/words; write it there");
  // Also a name that looks like a wildcard.
  CHECK(told("*.example.com/web9") ==
        "error: \"*.example.com/web9\" has no check of type \"passive\": nobody listens");
}

TEST_CASE(
    "a word from outside counts once, holds without going stale, and counts again when said "
    "again") {
  Round round = running();
  round.probe(0, word(pass(), 1));
  round.probe(1, pass());
  // fall is 2: one word, looked at every second, is one failure.
  for (int i = 0; i < 20; ++i) {
    round.advance(1s);
    round.probe(0, word(fail(), 2));
    round.probe(1, pass());
    if (!round.reads.empty()) {
      round.answer_read();
    }
  }
  CHECK(round.writes.empty());
  CHECK(round.reconciler.probes().at(0).tracker.state() == agent::HealthState::falling);
  CHECK(round.reconciler.probes().at(0).tracker.counter() == "1/2");
  round.probe(0, word(fail(), 3));
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.2"});
}

TEST_CASE(
    "a word that expired leaves the state as it is, until it is stale; the same word wakes "
    "it") {
  Round round = running();
  round.probe(0, word(pass(), 1));
  round.probe(1, pass());
  for (int i = 0; i < 20; ++i) {
    round.advance(1s);
    round.probe(0, could_not_ask());
    round.probe(1, pass());
  }
  const agent::Tracker& tracker = round.reconciler.probes().at(0).tracker;
  CHECK(tracker.state() == agent::HealthState::stale);
  CHECK(tracker.healthy());
  CHECK(round.writes.empty());
  round.probe(0, word(pass(), 1));
  CHECK(tracker.state() == agent::HealthState::up);
}

TEST_CASE("a word that came while our own loop was late is not lost") {
  Round round = running();
  round.probe(0, word(pass(), 1));
  round.probe(1, pass());
  round.probe(0, word(could_not_ask(), 2));  // made unknown on its way
  round.probe(0, word(fail(), 2));
  CHECK(round.reconciler.probes().at(0).tracker.counter() == "1/2");
}

TEST_CASE("a reload knows which word was counted") {
  Round round = running();
  round.probe(0, word(fail(), 7));
  agent::Reconciler next(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), {},
                         agent::Purpose::daemon, round.now, round.wall);
  next.carry(round.reconciler);
  CHECK(next.probes().at(0).report == 7);
}

TEST_CASE("a one-shot run, which cannot wait for another word, counts one each time it looks") {
  Round round = running(agent::Purpose::check);
  for (int i = 0; i < 2; ++i) {
    round.probe(0, word(fail(), 7));
    round.probe(1, pass());
  }
  CHECK(round.reconciler.probes().settled(0));
  CHECK(round.reconciler.probes().at(0).tracker.state() == agent::HealthState::down);
}

}  // namespace ronda::test
