// `check` and `plan`: the zone is the memory, one write at the end, and an end in every case.
#include "agent/run/reconciler.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

using Strings = std::vector<std::string>;

Round started(agent::Purpose purpose, const Strings& published, const Strings& replicas) {
  Round round(config_of({service("www.example.com", replicas)}), purpose);
  round.zone.push_back(rrset("www.example.com", published));
  round.step(agent::Tick{});
  round.answer_read();
  return round;
}

TEST_CASE("a published replica that passes once stays and the run is over") {
  Round round = started(agent::Purpose::check, {"192.0.2.1"}, {"192.0.2.1"});
  round.probe(0, pass());
  CHECK(round.settled == 1);
  CHECK(round.writes.empty());
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 0);
}

TEST_CASE(
    "a published replica that fails is asked until fall failures, an absent one until rise "
    "passes") {
  Round round = started(agent::Purpose::check, {"192.0.2.1", "192.0.2.2"},
                        {"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  round.probe(0, pass());
  round.probe(1, fail());
  round.probe(2, pass());
  CHECK(round.writes.empty());
  round.probe(1, fail());
  CHECK(round.writes.empty());
  round.probe(2, pass());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.settled == 0);
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.1", "192.0.2.3"});
  round.answer_write();
  CHECK(round.settled == 1);
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  CHECK(snapshot.services[0].update.kind == agent::UpdateKind::applied);
  CHECK(agent::exit_code(snapshot) == 1);
}

TEST_CASE("plan shows the change, sends nothing and ends with 1") {
  Round round =
      started(agent::Purpose::plan, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, pass());
  round.probe(1, fail());
  round.probe(1, fail());
  CHECK(round.writes.empty());
  CHECK(round.settled == 1);
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  CHECK(snapshot.services[0].update.kind == agent::UpdateKind::skipped);
  CHECK(snapshot.services[0].wanted == Strings{"192.0.2.1"});
  CHECK(agent::exit_code(snapshot) == 1);
}

TEST_CASE("an unreadable primary ends the run with 3, unprobed and unwritten") {
  Round round(config_of({service("www.example.com", {"192.0.2.1"})}), agent::Purpose::check);
  round.step(agent::Tick{});
  round.fail_read();
  CHECK(round.settled == 1);
  CHECK(round.writes.empty());
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 3);
}

TEST_CASE("a refused update ends the run with 2") {
  Round round =
      started(agent::Purpose::check, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, pass());
  round.probe(1, fail());
  round.probe(1, fail());
  round.answer_write(dnsupdate::OutcomeKind::rejected);
  CHECK(round.settled == 1);
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 2);
}

TEST_CASE("conflicts are tried again, but not for ever") {
  Round round =
      started(agent::Purpose::check, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, pass());
  round.probe(1, fail());
  round.probe(1, fail());
  int tries = 0;
  while (round.settled == 0 && tries < 100) {
    if (!round.writes.empty()) {
      ++tries;
      round.answer_write(dnsupdate::OutcomeKind::conflict);
    }
    round.advance(100ms);
  }
  CHECK(tries == 6);
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 2);
}

TEST_CASE("what cannot be asked is given up after three tries and said, never removed") {
  Round round =
      started(agent::Purpose::check, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, pass());
  for (int i = 0; i < 3; ++i) {
    round.probe(1, could_not_ask());
  }
  CHECK(round.settled == 1);
  CHECK(round.writes.empty());
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 3);
}

TEST_CASE("a check that cannot be asked and is outvoted is a warning of what has been judged") {
  agent::ServiceConfig config = service("www.example.com", {"192.0.2.1", "192.0.2.2"});
  agent::MemberCheck second = config.members[0].checks.front();
  second.name = "store";
  second.endpoint.port = 5432;
  config.members[0].checks.push_back(second);
  config.require = agent::RequireAny{};
  Round round(config_of({config}), agent::Purpose::check);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(0, pass());
  round.probe(2, pass());
  for (int i = 0; i < 3; ++i) {
    CHECK(round.settled == 0);
    round.probe(1, could_not_ask());
  }
  CHECK(round.settled == 1);
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  CHECK(agent::exit_code(snapshot) == 1);
  CHECK(snapshot.services[0].state == agent::ServiceState::ok);
  CHECK(snapshot.services[0].error.empty());
  REQUIRE(snapshot.services[0].replicas[0].warnings.size() == 1);
  CHECK(snapshot.services[0].replicas[0].warnings[0].check == "store");
}

TEST_CASE("two services of one zone are written in one message, at the end") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                         service("ftp.example.com", {"192.0.2.3", "192.0.2.4"})}),
              agent::Purpose::check);
  round.zone = {rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                rrset("ftp.example.com", {"192.0.2.3", "192.0.2.4"})};
  round.step(agent::Tick{});
  round.answer_read();
  for (const std::size_t id : {0U, 2U}) {
    round.probe(id, fail());
    round.probe(id, fail());
  }
  round.probe(1, pass());
  CHECK(round.writes.empty());
  CHECK_FALSE(round.reconciler.next_wakeup().has_value());
  round.probe(3, pass());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes.size() == 2);
}

TEST_CASE("a run for some services keeps what is known of the others") {
  agent::SavedState saved;
  saved.managed["mail.example.com"] = {ip("192.0.2.50")};
  Round round(config_of({service("www.example.com", {"192.0.2.1"})}), agent::Purpose::check, saved);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(0, pass());
  REQUIRE(round.saves.size() == 1);
  CHECK(round.saves[0].managed.at("mail.example.com").contains(ip("192.0.2.50")));
  CHECK(round.saves[0].managed.at("www.example.com").contains(ip("192.0.2.1")));
}

}  // namespace
}  // namespace ronda::test
