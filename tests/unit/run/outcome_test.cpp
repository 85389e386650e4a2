// What an outcome makes the daemon do next: look again after an unknown one, back off after a
// failure, go on at once after a conflict.
#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

using Strings = std::vector<std::string>;

Round failing(net::Duration reconcile) {
  agent::Config config = config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})});
  config.zones[0].reconcile = reconcile;
  Round round(config, agent::Purpose::daemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(1, pass());
  round.probe(0, fail());
  round.probe(0, fail());
  return round;
}

TEST_CASE("an unknown outcome is looked at after 1, 5, 30 and 300 s beside the regular reads") {
  Round round = failing(1h);
  round.answer_write(dnsupdate::OutcomeKind::unknown);
  // Healthy again: nothing is to be written, but what was sent may still land.
  round.probe(0, pass());
  round.probe(0, pass());
  const net::SteadyTime begin = round.now;
  std::vector<net::Duration> reads;
  while (round.now < begin + 400s) {
    if (!round.reads.empty()) {
      reads.push_back(round.now - begin);
      if (reads.size() == 4) {
        round.zone = {rrset("www.example.com", {"192.0.2.2"})};  // it lands
      }
      round.answer_read();
      continue;
    }
    if (!round.writes.empty()) {
      break;
    }
    round.advance(500ms);
  }
  CHECK(reads == std::vector<net::Duration>{1s, 5s, 30s, 300s});
  // A late landing is drift, and is mended.
  REQUIRE(round.writes.size() == 1);
  CHECK(round.writes[0].changes[0].observed.to_strings() == Strings{"192.0.2.2"});
  CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.1", "192.0.2.2"});
}

TEST_CASE("an applied one needs no look beside the regular reads") {
  Round round = failing(1h);
  round.answer_write();
  round.advance(350s);
  CHECK(round.reads.empty());
}

TEST_CASE("failures back off from 1 s to 60 s, not in step") {
  Round round = failing(1h);
  std::vector<net::Duration> waits;
  for (int i = 0; i < 12; ++i) {
    round.answer_write(dnsupdate::OutcomeKind::rejected);
    const net::SteadyTime failed = round.now;
    while (round.writes.empty()) {
      round.advance(17ms);
      if (!round.reads.empty()) {
        round.answer_read();
      }
    }
    waits.push_back(round.now - failed);
  }
  CHECK(waits[0] >= 1s);
  CHECK(waits[0] <= 1300ms);
  for (std::size_t i = 1; i < waits.size(); ++i) {
    CHECK((waits[i] > waits[i - 1] || waits[i] >= 45s));
    CHECK(waits[i] <= 60s + 20ms);
  }
  CHECK(waits[11] != waits[10]);
}

TEST_CASE("conflicts go on at once five times and then back off too") {
  Round round = failing(1h);
  std::vector<net::Duration> waits;
  for (int i = 0; i < 7; ++i) {
    round.answer_write(dnsupdate::OutcomeKind::conflict);
    const net::SteadyTime failed = round.now;
    while (round.writes.empty()) {
      round.advance(10ms);
      if (!round.reads.empty()) {
        round.answer_read();
      }
    }
    waits.push_back(round.now - failed);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(waits[i] <= 220ms);
  }
  CHECK(waits[5] >= 1s);
}

TEST_CASE("a write that waits does not delay another service, but nothing in flight goes twice") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                         service("ftp.example.com", {"192.0.2.3", "192.0.2.4"})}),
              agent::Purpose::daemon);
  round.zone = {rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                rrset("ftp.example.com", {"192.0.2.3", "192.0.2.4"})};
  round.step(agent::Tick{});
  round.answer_read();
  for (std::size_t id = 0; id < 4; ++id) {
    round.probe(id, pass());
  }
  round.probe(0, fail());
  round.probe(0, fail());
  REQUIRE(round.writes.size() == 1);
  round.probe(2, fail());
  round.probe(2, fail());
  CHECK(round.writes.size() == 1);
  round.probe(0, fail());
  round.advance(999ms);
  CHECK(round.writes.size() == 1);
  CHECK(round.reconciler.next_wakeup() <= round.now + 1ms);
  round.advance(1ms);
  REQUIRE(round.writes.size() == 2);
  CHECK(round.writes[1].changes.size() == 1);
  CHECK(round.writes[1].changes[0].wanted.key.owner == name("ftp.example.com"));
  round.advance(20s);
  CHECK(round.writes.size() == 2);
  CHECK(round.reads.empty());
  // Answered in the other order.
  std::swap(round.writes[0], round.writes[1]);
  round.answer_write();
  CHECK(round.reconciler.writing());
  round.answer_write();
  CHECK_FALSE(round.reconciler.writing());
  CHECK(round.held("www.example.com") == Strings{"192.0.2.2"});
  CHECK(round.held("ftp.example.com") == Strings{"192.0.2.4"});
  round.advance(1s);
  CHECK(round.writes.empty());
  CHECK(round.reads.size() == 1);
}

}  // namespace
}  // namespace ronda::test
