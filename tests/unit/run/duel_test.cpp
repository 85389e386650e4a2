// Another writer undoes what we do: alone with the watch, and in the daemon's rounds.
#include "agent/run/duel_watch.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/run/round.hpp"

namespace ronda::test {
namespace {

using Strings = std::vector<std::string>;
using Addresses = std::vector<net::IpAddress>;

const net::IpAddress kOne = ip("192.0.2.1");
const net::IpAddress kTwo = ip("192.0.2.2");
const net::IpAddress kThree = ip("192.0.2.3");
const net::IpAddress kForeign = ip("192.0.2.200");

// `times` times: we make it so, and a read `gap` later finds it otherwise.
std::vector<agent::Duel> undo(agent::DuelWatch& watch, const net::IpAddress& address, bool present,
                              int times, net::SteadyTime& now, net::Duration gap) {
  std::vector<agent::Duel> begun;
  for (int i = 0; i < times; ++i) {
    watch.wrote(address, present, now);
    now += gap;
    begun = watch.observe(present ? Addresses{} : Addresses{address}, now);
    // Seen once, counted once.
    CHECK(watch.observe(present ? Addresses{} : Addresses{address}, now).empty());
  }
  return begun;
}

TEST_CASE("a duel begins when a record was undone three times in ten minutes") {
  for (const bool present : {true, false}) {
    agent::DuelWatch watch;
    net::SteadyTime now{1000s};
    CHECK(undo(watch, kOne, present, 2, now, 1min).empty());
    const auto begun = undo(watch, kOne, present, 1, now, 1min);
    REQUIRE(begun.size() == 1);
    CHECK(begun[0] ==
          agent::Duel{.address = kOne, .undone = 3, .present = !present, .until = now + 10min});
    CHECK(watch.duels(now) == begun);
    CHECK(watch.duels(now + 10min).empty());
  }
  agent::DuelWatch slow;
  net::SteadyTime now{1000s};
  CHECK(undo(slow, kOne, true, 20, now, 5min + 1s).empty());
  // What stays as we wrote it, and what we never wrote, is nobody's doing.
  agent::DuelWatch calm;
  for (int i = 0; i < 10; ++i) {
    calm.wrote(kOne, true, now);
    CHECK(calm.observe(Addresses{kOne, kForeign}, now).empty());
    now += 1s;
  }
}

TEST_CASE("what a duel holds back") {
  struct Row {
    const char* what;
    bool we_add;  // the record in the duel is one that we add; else one that we remove
    Addresses there;
    Addresses wanted;
    Addresses sick;
    int required;
    net::Duration after;  // since the duel began
    Addresses target;
    std::optional<net::Duration> again;
  };
  const std::vector<Row> rows = {
      {"missing: not added", true, {kTwo}, {kOne, kTwo}, {}, 1, 0s, {kTwo}, 10min},
      {"the others go on", true, {kTwo}, {kOne, kTwo, kThree}, {}, 1, 0s, {kTwo, kThree}, 10min},
      {"over after ten minutes", true, {kTwo}, {kOne, kTwo}, {}, 1, 10min, {kOne, kTwo}, {}},
      {"nothing to add", true, {kTwo}, {kTwo}, {}, 1, 0s, {kTwo}, {}},
      {"healthy and there: left", false, {kOne, kTwo}, {kTwo}, {}, 1, 0s, {kOne, kTwo}, 10min},
      {"sick and there: not within a minute",
       false,
       {kOne, kTwo},
       {kTwo},
       {kOne},
       1,
       30s,
       {kOne, kTwo},
       29s},
      {"sick and there: then it goes", false, {kOne, kTwo}, {kTwo}, {kOne}, 1, 59s, {kTwo}, {}},
      {"the sick one that the missing one should replace stays",
       true,
       {kTwo, kForeign},
       {kOne, kForeign},
       {kTwo},
       1,
       0s,
       {kTwo, kForeign},
       10min},
      {"never the last record", true, {kForeign}, {kOne}, {}, 1, 0s, {kForeign}, 10min},
      {"down to the floor and no further",
       true,
       {kTwo, kThree},
       {kOne, kTwo},
       {kThree},
       2,
       0s,
       {kTwo, kThree},
       10min},
      {"above the floor a sick one goes",
       true,
       {kTwo, kThree},
       {kOne, kTwo},
       {kThree},
       1,
       0s,
       {kTwo},
       10min}};
  for (const Row& row : rows) {
    INFO(row.what);
    agent::DuelWatch watch;
    net::SteadyTime now{1000s};
    // Each undone one second after our writing.
    REQUIRE(undo(watch, kOne, row.we_add, 3, now, 1s).size() == 1);
    const agent::DuelAnswer answer = watch.restrain({.there = row.there,
                                                     .wanted = row.wanted,
                                                     .sick = row.sick,
                                                     .ours = Addresses{kOne, kTwo, kThree},
                                                     .required = row.required},
                                                    now + row.after);
    CHECK(answer.wanted == row.target);
    CHECK(answer.again_at.has_value() == row.again.has_value());
    if (answer.again_at && row.again) {
      CHECK(*answer.again_at - (now + row.after) == *row.again);
    }
  }
}

TEST_CASE("the daemon: a dead replica that somebody puts back again and again") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}),
              agent::Purpose::daemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  round.probe(1, pass());
  round.probe(0, fail());
  round.probe(0, fail());
  std::vector<net::SteadyTime> removals;
  const net::SteadyTime begin = round.now;
  while (round.now < begin + 9min) {
    if (!round.writes.empty()) {
      CHECK(round.writes[0].changes[0].wanted.to_strings() == Strings{"192.0.2.2"});
      removals.push_back(round.now);
      round.answer_write();
      round.zone = {rrset("www.example.com", {"192.0.2.1", "192.0.2.2"})};  // the other one
    } else if (!round.reads.empty()) {
      round.answer_read();
    } else {
      const auto wakeup = round.reconciler.next_wakeup();
      REQUIRE(wakeup);
      round.advance(std::max(*wakeup - round.now, net::Duration(1ms)));
    }
  }
  REQUIRE(removals.size() >= 10);
  CHECK(removals.size() <= 12);
  for (std::size_t i = 3; i < removals.size(); ++i) {
    CHECK(removals[i] - removals[i - 1] >= 1min);
  }
  CHECK(
      round.logged("duel service=www.example.com record=\"www.example.com A 192.0.2.1\" undone=3"));
  const agent::Snapshot snapshot = round.reconciler.snapshot(round.wall);
  REQUIRE(snapshot.services[0].alarms.size() == 1);
  CHECK_THAT(snapshot.services[0].alarms[0], ContainsSubstring("www.example.com A 192.0.2.1") &&
                                                 ContainsSubstring("once a minute"));
  CHECK(agent::exit_code(snapshot) == 1);
}

TEST_CASE("the daemon: a healthy replica that somebody takes out again and again") {
  Round round(config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})}),
              agent::Purpose::daemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  for (const std::size_t id : {0U, 1U}) {
    round.probe(id, pass());
    round.probe(id, pass());
  }
  int repairs = 0;
  const net::SteadyTime begin = round.now;
  std::optional<net::SteadyTime> third;
  std::optional<net::SteadyTime> fourth;
  while (round.now < begin + 15min) {
    if (!round.writes.empty()) {
      ++repairs;
      (repairs == 3 ? third : fourth) = round.now;
      round.answer_write();
      round.zone = {rrset("www.example.com", {"192.0.2.2"})};
    } else if (!round.reads.empty()) {
      round.answer_read();
    } else {
      round.advance(std::max(*round.reconciler.next_wakeup() - round.now, net::Duration(1ms)));
    }
    if (repairs == 4) {
      break;
    }
  }
  REQUIRE(repairs == 4);
  CHECK(*fourth - *third >= 10min);
  CHECK(round.logged("duel service=www.example.com"));
}

TEST_CASE("a reload in the middle of a duel does not start it anew") {
  agent::Config config = config_of({service("www.example.com", {"192.0.2.1", "192.0.2.2"})});
  Round round(config, agent::Purpose::daemon);
  round.zone.push_back(rrset("www.example.com", {"192.0.2.2"}));
  round.step(agent::Tick{});
  round.answer_read();
  for (const std::size_t id : {0U, 1U, 0U, 1U}) {
    round.probe(id, pass());
  }
  for (int i = 0; i < 3; ++i) {
    while (round.writes.empty()) {
      round.advance(1s);
      if (!round.reads.empty()) {
        round.answer_read();
      }
    }
    round.answer_write();
    round.zone = {rrset("www.example.com", {"192.0.2.2"})};
  }
  round.advance(15s);
  round.answer_read();
  REQUIRE(round.reconciler.snapshot(round.wall).services[0].alarms.size() == 1);
  Round next(config, agent::Purpose::daemon);
  next.now = round.now;
  next.zone = round.zone;
  next.reconciler.carry(round.reconciler);
  next.step(agent::Tick{});
  next.answer_read();
  next.advance(5s);
  CHECK(next.writes.empty());
  CHECK(next.reconciler.snapshot(next.wall).services[0].alarms.size() == 1);
}

}  // namespace
}  // namespace ronda::test
