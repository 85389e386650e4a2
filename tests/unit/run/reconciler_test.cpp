// The daemon's rounds: adopting the zone, removing, adding, holding, failing and reloading.
#include "agent/run/reconciler.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

using Strings = std::vector<std::string>;
constexpr auto kDaemon = agent::Purpose::daemon;

// A daemon that has read a zone with these addresses and has had one good round.
Round running(const Strings& published, const Strings& replicas) {
  Round round(config_of({service("www.example.com", replicas)}), kDaemon);
  round.zone.push_back(rrset("www.example.com", published));
  round.step(agent::Tick{});
  round.answer_read();
  for (std::size_t id = 0; id < replicas.size(); ++id) {
    round.probe(id, pass());
  }
  return round;
}

TEST_CASE("probes start after the first read, and a healthy start writes nothing") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  REQUIRE(round.reads.size() == 1);
  REQUIRE(round.probe_starts == 0);
  round.answer_read();
  CHECK(round.probe_starts == 1);
  round.probe(0, pass());
  round.probe(1, pass());
  round.advance(10s);
  CHECK(round.writes.empty());
  CHECK(round.logged(
      "transition service=www.example.com replica=192.0.2.1 address=192.0.2.1 from=init to=up"));
}

TEST_CASE(
    "a replica that goes down is removed at once, the foreign record stays, and it comes back") {
  Round round = running({"192.0.2.1", "192.0.2.2", "192.0.2.200"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, fail());
  REQUIRE(round.writes.empty());
  round.probe(0, fail());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].observed.to_strings() ==
        Strings{"192.0.2.1", "192.0.2.2", "192.0.2.200"});
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.2", "192.0.2.200"});
  round.answer_write();
  CHECK(round.writes.empty());
  CHECK(
      round.logged("update zone=example.com owners=www.example.com outcome=applied rcode=NOERROR"));

  round.probe(0, pass());
  round.probe(0, pass());
  CHECK(round.writes.empty());  // an addition waits for company
  CHECK(round.reconciler.next_wakeup() <= round.now + 1s);
  round.advance(1s);
  REQUIRE(round.writes.size() == 1);
  round.answer_write();
  CHECK(round.held("www.example.com") == Strings{"192.0.2.1", "192.0.2.2", "192.0.2.200"});
}

TEST_CASE("all dead: nothing is removed") {
  Round round = running({"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, fail());
  round.probe(1, fail());
  round.probe(0, fail());
  REQUIRE(round.writes.size() == 1);
  round.answer_write();
  round.probe(1, fail());
  round.advance(10s);
  CHECK(round.writes.empty());
  CHECK(round.held("www.example.com") == Strings{"192.0.2.2"});
  CHECK(round.reconciler.snapshot(round.wall).services[0].state == agent::ServiceState::down);
}

TEST_CASE("what dies in one turn leaves in one UPDATE, and none of all that die in one") {
  const Strings three = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
  Round two_die = running(three, three);
  Round all_die = running(three, three);
  for (Round* round : {&two_die, &all_die}) {
    round->probe({{0, fail()}, {1, fail()}, {2, fail()}});
    REQUIRE(round->writes.empty());
  }
  two_die.probe({{0, fail()}, {1, fail()}, {2, pass()}});
  REQUIRE(two_die.writes.size() == 1);
  CHECK(two_die.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.3"});
  all_die.probe({{0, fail()}, {1, fail()}, {2, fail()}});
  CHECK(all_die.writes.empty());
  CHECK(all_die.logged("replica=192.0.2.1 address=192.0.2.1 from=falling to=down"));
  CHECK(all_die.logged("replica=192.0.2.3 address=192.0.2.3 from=falling to=down"));
}

TEST_CASE("UNKNOWN moves nothing") {
  Round round = running({"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  for (int i = 0; i < 50; ++i) {
    round.probe(0, could_not_ask());
    round.advance(200ms);
    if (!round.reads.empty()) {
      round.answer_read();
    }
  }
  CHECK(round.writes.empty());
  const auto snapshot = round.reconciler.snapshot(round.wall);
  CHECK(snapshot.services[0].replicas[0].state == agent::HealthState::stale);
}

TEST_CASE("a check that cannot be asked and decides nothing is shown once it is stale") {
  agent::ServiceConfig config = service("www.example.com", {"192.0.2.1"});
  config.require = agent::RequireAny{};
  agent::MemberCheck ping = config.members[0].checks[0];
  ping.name = "ping";
  ping.endpoint.port = 7;
  config.members[0].checks.push_back(ping);
  Round round(config_of({config}), kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1"}));
  round.step(agent::Tick{});
  round.answer_read();
  for (int i = 0; i < 50; ++i) {
    round.probe(0, pass());
    round.probe(1, could_not_ask());
    round.advance(200ms);
    if (!round.reads.empty()) {
      round.answer_read();
    }
  }
  const auto replica = round.reconciler.snapshot(round.wall).services[0].replicas[0];
  CHECK(replica.state == agent::HealthState::up);
  REQUIRE(replica.warnings.size() == 1);
  CHECK(replica.warnings[0].check == "ping");
  CHECK(round.logged("check=ping code=SOCKERR detail=\"no descriptor\""));
  round.probe(1, pass());
  CHECK(round.reconciler.snapshot(round.wall).services[0].replicas[0].warnings.empty());
}

TEST_CASE("nothing is written before every replica is judged or grace has run out") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(0, fail());
  round.probe(0, fail());
  CHECK(round.writes.empty());
  round.advance(29s);
  CHECK(round.writes.empty());
  round.advance(1s);
  REQUIRE_FALSE(round.reads.empty());
  round.answer_read();
  CHECK(round.writes.size() == 1);
}

TEST_CASE("removals of one zone: the first at once, the next 100 ms later and after the answer") {
  const Strings addresses = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
  Round round = running(addresses, addresses);
  for (const std::size_t id : {0U, 1U}) {
    round.probe(id, fail());
    round.probe(id, fail());
  }
  REQUIRE(round.writes.size() == 1);
  round.answer_write();
  CHECK(round.writes.empty());
  CHECK(round.reconciler.next_wakeup() == round.now + 100ms);
  round.advance(100ms);
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.3"});
}

TEST_CASE("a conflict is planned anew from the fresh set, without a pause") {
  Round round = running({"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.probe(0, fail());
  round.probe(0, fail());
  round.zone = {rrset("www.example.com", {"192.0.2.1", "192.0.2.2", "192.0.2.9"})};
  round.answer_write(dnsupdate::OutcomeKind::conflict);
  round.advance(100ms);
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].observed.to_strings() ==
        Strings{"192.0.2.1", "192.0.2.2", "192.0.2.9"});
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.2", "192.0.2.9"});
}

TEST_CASE("a refused service backs off alone and is read again before the next try") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                         service("ftp.example.com", {"192.0.2.3", "192.0.2.4"})}),
              kDaemon);
  round.zone = {rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                rrset("ftp.example.com", {"192.0.2.3", "192.0.2.4"})};
  round.step(agent::Tick{});
  round.answer_read();
  for (std::size_t id = 0; id < 4; ++id) {
    round.probe(id, pass());
  }
  round.probe(0, fail());
  round.probe(0, fail());
  round.answer_write(dnsupdate::OutcomeKind::rejected);
  round.advance(200ms);
  CHECK(round.writes.empty());
  round.probe(2, fail());
  round.probe(2, fail());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.key.owner == name("ftp.example.com"));
  round.answer_write();
  round.advance(1050ms);
  if (round.writes.empty()) {
    round.answer_read();
  }
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.key.owner == name("www.example.com"));
}

TEST_CASE("drift is repaired: a record taken out by hand comes back after the next read") {
  Round round = running({"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  round.zone = {rrset("www.example.com", {"192.0.2.2"})};
  round.advance(15s);
  round.answer_read();
  round.advance(1s);
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.1", "192.0.2.2"});
}

TEST_CASE("a primary that is away at the start: probes run, nothing is written until it is read") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.fail_read();
  CHECK(round.probe_starts == 1);
  CHECK(round.logged("zone_unreadable zone=example.com detail=\"primary is gone\""));
  for (const std::size_t id : {0U, 1U}) {
    round.probe(id, pass());
    round.probe(id, pass());
  }
  CHECK(round.reconciler.snapshot(round.wall).errors.size() == 1);
  round.advance(1250ms);
  round.answer_read();
  CHECK(round.writes.empty());
  CHECK(round.logged("zone_readable zone=example.com"));
  CHECK(round.reconciler.snapshot(round.wall).errors.empty());
}

TEST_CASE("observe: what would be done is shown and not sent") {
  agent::Config config = config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})});
  config.mode = agent::WriteMode::observe;
  Round round(config, kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(1, pass());
  round.probe(0, fail());
  round.probe(0, fail());
  round.advance(5s);
  CHECK(round.writes.empty());
  const agent::ServiceStatus status = round.reconciler.snapshot(round.wall).services[0];
  CHECK(status.update.kind == agent::UpdateKind::skipped);
  CHECK(status.wanted == Strings{"192.0.2.2"});
  CHECK_THAT(status.pending_text, ContainsSubstring("update delete www.example.com"));
}

TEST_CASE("a saved DOWN that is published stays as found, one failure from leaving") {
  const agent::Config config = config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})});
  Round first(config, kDaemon);
  agent::SavedState saved{.saved_at = first.wall - 1s};
  for (std::size_t id = 0; id < 2; ++id) {
    saved.probes[first.reconciler.probes().at(id).key] = {
        .state = id == 0 ? agent::HealthState::down : agent::HealthState::up,
        .since = first.wall - 60s};
  }
  Round round(config, kDaemon, saved);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  CHECK(round.writes.empty());
  round.probe(0, fail());
  CHECK(round.writes.size() == 1);
}

TEST_CASE("an address that left the configuration is removed only when memory says it was ours") {
  agent::SavedState saved;
  saved.managed["www.example.com"] = {ip("192.0.2.7")};
  const agent::Config config = config_of({service("www.example.com", {"192.0.2.1"})});
  Round round(config, kDaemon, saved);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.7", "192.0.2.8"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(0, pass());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.1", "192.0.2.8"});
}

TEST_CASE("an address of a family that the service has left is taken out too") {
  agent::SavedState saved;
  saved.managed["www.example.com"] = {ip("2001:db8::7")};
  Round round(config_of({service("www.example.com", {"192.0.2.1"})}), kDaemon, saved);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1"}));
  dnsupdate::RrSet six{.key = {.owner = name("www.example.com"), .type = dnsupdate::RrType::AAAA},
                       .ttl = 60};
  six.insert(agent::to_rdata(ip("2001:db8::7")));
  round.zone.push_back(six);
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(0, pass());
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].observed == six);
  CHECK(round.writes[0].changes[0].wanted.empty());
  CHECK(round.reconciler.snapshot(round.wall).services[0].type == "A");
}

TEST_CASE("a reload keeps what is known of equal probes and writes nothing") {
  Round round = running({"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"});
  Round next(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}), kDaemon);
  next.zone = round.zone;
  next.reconciler.carry(round.reconciler);
  next.step(agent::Tick{});
  next.answer_read();
  CHECK(next.reconciler.snapshot(next.wall).services[0].replicas[0].state ==
        agent::HealthState::up);
  next.advance(2s);
  CHECK(next.writes.empty());
}

TEST_CASE("an alias at the owner concerns its service alone") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                         service("ftp.example.com", {"192.0.2.3", "192.0.2.4"})}),
              kDaemon);
  round.step(agent::Tick{});
  const dnsupdate::ReadFault alias{.kind = dnsupdate::ReadFaultKind::alias, .detail = "is a CNAME"};
  round.reads.clear();
  round.step(agent::ZoneRead{
      .zone = 0,
      .results = {std::unexpected(alias), rrset("ftp.example.com", {"192.0.2.3", "192.0.2.4"})}});
  for (std::size_t id = 0; id < 4; ++id) {
    round.probe(id, id == 0 || id == 2 ? fail() : pass());
    round.probe(id, id == 0 || id == 2 ? fail() : pass());
  }
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes.size() == 1);
  CHECK(round.reconciler.snapshot(round.wall).errors == Strings{"www.example.com: is a CNAME"});
}

}  // namespace
namespace {

// A replica with a check that decides and one beside it: probes 0 and 1, of the second 2 and 3.
agent::ServiceConfig with_second_check(agent::Scope scope) {
  agent::ServiceConfig made = service("www.example.com", {"192.0.2.1", "192.0.2.2"});
  for (agent::Member& member : made.members) {
    agent::MemberCheck second = member.checks.front();
    second.name = "store";
    second.endpoint.port = 5432;
    second.scope = scope;
    member.checks.push_back(second);
  }
  return made;
}

Round all_well(const agent::ServiceConfig& config) {
  Round round(config_of({config}), kDaemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  for (std::size_t id = 0; id < 4; ++id) {
    round.probe(id, pass());
  }
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 0);
  return round;
}

}  // namespace

TEST_CASE("a dependency that fails is shown and logged once, and removes nothing") {
  Round round = all_well(with_second_check(agent::Scope::dependency));
  for (int time = 0; time < 5; ++time) {
    round.probe(1, fail());
    round.probe(3, fail());
  }
  round.advance(5s);
  CHECK(round.writes.empty());
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  CHECK(agent::exit_code(snapshot) == 1);
  const agent::ReplicaStatus& replica = snapshot.services[0].replicas[0];
  CHECK(replica.state == agent::HealthState::up);
  CHECK(replica.last->check == "web");
  REQUIRE(replica.warnings.size() == 1);
  CHECK(replica.warnings[0].check == "store");
  CHECK(replica.warnings[0].result.detail == "refused");
  const std::string line =
      "warning service=www.example.com replica=192.0.2.1 address=192.0.2.1 check=store code=L4CON "
      "detail=refused";
  CHECK(std::ranges::count(round.log, line) == 1);
  round.probe(1, pass());
  round.probe(1, pass());
  round.probe(3, pass());
  round.probe(3, pass());
  CHECK(round.logged("warning_over service=www.example.com replica=192.0.2.1"));
  CHECK(agent::exit_code(round.reconciler.snapshot(round.wall)) == 0);
}

TEST_CASE("a check that is outvoted is shown, and a warning of one that decides nothing") {
  agent::ServiceConfig config = with_second_check(agent::Scope::local);
  config.require = agent::RequireAny{};
  Round round = all_well(config);
  round.probe(1, fail());
  CHECK(round.reconciler.snapshot(round.wall).services[0].replicas[0].warnings.empty());
  round.probe(1, fail());
  probes::ProbeResult soon = pass();
  soon.verdict = probes::Verdict::warn;
  soon.detail = "certificate ends soon";
  round.probe(3, soon);
  round.advance(5s);
  CHECK(round.writes.empty());
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  CHECK(agent::exit_code(snapshot) == 1);
  const auto& replicas = snapshot.services[0].replicas;
  REQUIRE(replicas[0].warnings.size() == 1);
  CHECK(replicas[0].warnings[0].result.code == probes::Code::L4CON);
  REQUIRE(replicas[1].warnings.size() == 1);
  CHECK(replicas[1].warnings[0].result.detail == "certificate ends soon");
  CHECK(round.logged("detail=\"certificate ends soon\""));
  // Dead by both: the one that decides is told by the transition alone.
  round.probe(0, fail());
  round.probe(0, fail());
  CHECK(round.reconciler.snapshot(round.wall).services[0].replicas[0].warnings.size() == 1);
  CHECK_FALSE(
      round.logged("warning service=www.example.com replica=192.0.2.1 "
                   "address=192.0.2.1 check=web"));
}

}  // namespace ronda::test
