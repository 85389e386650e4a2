#include "agent/health/demotion.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;
using probes::AgentWord;
using test::at;

probes::ProbeResult report(probes::Reading reading) {
  return {
      .verdict = probes::Verdict::pass, .code = probes::Code::L7OK, .reading = std::move(reading)};
}
probes::ProbeResult load(double value) {
  return report({.measures = {{.name = "load", .value = value}}});
}
probes::ProbeResult stamp(double value) {
  return report({.measures = {{.name = "stamp", .value = value}}});
}
probes::ProbeResult word(AgentWord said) {
  return report({.word = said, .said = "its word"});
}
probes::ProbeResult silence() {
  return {.verdict = probes::Verdict::fail, .code = probes::Code::L4CON, .detail = "refused"};
}

// A service of as many replicas as letters: U published, u not; D down and published, d not. Behind
// a "/" those of the second tier.
class Bench {
 public:
  Bench(const std::string& letters, DemotionRule rule, int samples = 3)
      : letters_(letters),
        rule_(std::move(rule)),
        first_tier_(std::min(letters.find('/'), letters.size())),
        demotion_((std::erase(letters_, '/'), service()), samples) {}

  ServiceConfig service() {
    std::string members;
    for (std::size_t i = 1; i <= letters_.size(); ++i) {
      members += " 192.0.2." + std::to_string(i) + (i > first_tier_ ? "/2" : "");
    }
    ServiceConfig config = test::service_of(members);
    config.demotions.push_back(rule_);
    for (Member& member : config.members) {
      member.reports.push_back({.name = rule_.name, .endpoint = {.ip = member.address, .port = 1}});
    }
    return config;
  }
  void say(std::size_t member, const probes::ProbeResult& result, double seconds) {
    demotion_.observe(0, member, result, at(seconds));
    judge(seconds);
  }
  // Three samples of each.
  void hear(const std::vector<double>& values, double seconds) {
    for (int i = 0; i < 3; ++i) {
      for (std::size_t m = 0; m < values.size(); ++m) {
        say(m, load(values[m]), seconds);
      }
    }
  }
  void judge(double seconds) {
    std::vector<MemberNow> members;
    for (const char letter : letters_) {
      members.push_back(
          {.healthy = letter == 'U' || letter == 'u', .published = letter == 'U' || letter == 'D'});
    }
    demotion_.judge(members, at(seconds));
    for (std::size_t i = 0; i < letters_.size(); ++i) {
      if (follows_ && letters_[i] == 'U' && demotion_.of(i).kind != Withheld::none) {
        letters_[i] = 'u';  // the zone does as it is told
      }
    }
  }
  // One character a replica: . none, h hot, s stale, r refused, d drained.
  std::string out() const {
    std::string text;
    for (std::size_t i = 0; i < letters_.size(); ++i) {
      const Withheld kind = demotion_.of(i).kind;
      text += kind == Withheld::none ? '.' : to_string(kind)[0];
    }
    return text;
  }
  std::string why(std::size_t member) const { return demotion_.of(member).why; }
  Demotion& demotion() { return demotion_; }
  std::string letters_;
  bool follows_ = true;

 private:
  DemotionRule rule_;
  std::size_t first_tier_;
  Demotion demotion_;
};

DemotionRule marks() {
  return {.name = "number", .marks = {{.measure = "load", .high = 2, .low = 1.5}}, .ttl = 30s};
}
// Its reports hold for as long as a test takes.
DemotionRule lasting(DemotionRule rule) {
  rule.ttl = 3000s;
  return rule;
}
DemotionRule words() {
  return {.name = "agent", .ttl = 60s};
}
DemotionRule lag(double most) {
  return {.name = "freshness", .max_lag = most, .ttl = 30s};
}

}  // namespace

TEST_CASE("demotion: three samples in a row pass a mark, and three below low take it back") {
  Bench bench("UU", marks());
  for (const double value : {2.0, 9.0, 1.9, 2.1, 2.1}) {
    bench.say(1, load(value), 0);
    CHECK(bench.out() == "..");
  }
  bench.say(1, load(2.4), 1);
  CHECK(bench.out() == ".h");
  CHECK(bench.why(1) == "load 2.4 over 2");
  for (const double value : {1.4, 1.4, 1.5, 1.4, 1.4}) {
    bench.say(1, load(value), 2);
    CHECK(bench.out() == ".h");
  }
  CHECK(bench.why(1) == "load 1.4 not yet under 1.5");
  bench.say(1, load(0), 3);
  CHECK(bench.out() == "..");
}

TEST_CASE("demotion: a value that stands at its mark has reached it") {
  Bench bench("UU", marks());
  for (int i = 0; i < 3; ++i) {
    bench.say(1, load(2), i);
  }
  CHECK(bench.out() == ".h");
  CHECK(bench.why(1) == "load 2 over 2");
}

TEST_CASE(
    "demotion: a report that does not come breaks the row, and one that is old says nothing") {
  Bench bench("UU", marks());
  bench.say(1, load(3), 0);
  bench.say(1, load(3), 1);
  bench.say(1, silence(), 2);
  bench.say(1, load(3), 3);
  CHECK(bench.out() == "..");
  bench.say(1, load(3), 4);
  bench.say(1, load(3), 5);
  REQUIRE(bench.out() == ".h");
  bench.say(1, silence(), 10);
  CHECK(bench.demotion().next_change() == at(35));
  bench.judge(34.9);
  CHECK(bench.out() == ".h");
  bench.judge(35);
  CHECK(bench.out() == "..");
}

TEST_CASE("demotion: one in five minutes, and never the majority of the healthy") {
  Bench bench("UUUUU", marks());
  const auto all_hot = [&](double seconds) {
    for (int i = 0; i < 3; ++i) {
      for (std::size_t m = 0; m < 5; ++m) {
        bench.say(m, load(m == 3 ? 4 : 3), seconds);
      }
    }
  };
  all_hot(0);
  CHECK(bench.out() == "h....");
  all_hot(10);
  CHECK(bench.out() == "h....");
  REQUIRE(bench.demotion().next_change().has_value());
  CHECK(bench.demotion().waits(3).why ==
        "load 4 over 2; one replica goes in five minutes, the last was 192.0.2.1");
  CHECK(bench.demotion().waits(0).kind == Withheld::none);
  bench.judge(299);
  all_hot(299);
  CHECK(bench.out() == "h....");
  bench.judge(300);  // the heaviest of those that wait
  CHECK(bench.out() == "h..h.");
  all_hot(299 + 301);
  all_hot(900);
  CHECK(bench.out() == "h..h.");  // a third would be the majority of five
  CHECK(bench.demotion().waits(4).why ==
        "load 3 over 2; a load never takes the majority of the healthy");
  CHECK(bench.demotion().waits(3).kind == Withheld::none);
}

TEST_CASE("demotion: a run that keeps no clock says that one goes a run") {
  Bench bench("UUUU", marks(), 1);
  for (std::size_t m = 0; m < 4; ++m) {
    bench.say(m, load(m < 2 ? 3 : 1), 0);
  }
  CHECK(bench.out() == "h...");
  CHECK(bench.demotion().waits(1).why ==
        "load 3 over 2; one replica goes a run, this time 192.0.2.1");
}

TEST_CASE("demotion: who is down is neither counted nor taken out") {
  Bench bench("UUD", marks());
  for (int i = 0; i < 3; ++i) {
    bench.say(2, load(9), 0);
    bench.say(0, load(9), 0);
  }
  CHECK(bench.out() == "h..");  // the dead one takes no turn of the pause, and gets none for it
  bench.letters_ = "UUU";
  bench.judge(1);
  CHECK(bench.out() == "h..");
  bench.say(2, load(9), 20);
  CHECK(bench.demotion().waits(2).kind == Withheld::hot);
  Bench last("UD", marks());
  for (int i = 0; i < 3; ++i) {
    last.say(0, load(9), 0);
  }
  CHECK(last.out() == "..");
}

TEST_CASE("demotion: one that is not in the zone begins as withheld unless it is below low") {
  Bench bench("Uuuu", marks());
  bench.say(0, load(1.7), 0);
  bench.say(1, load(1.7), 0);
  bench.say(2, load(1.4), 0);
  bench.say(3, load(7), 0);
  CHECK(bench.out() == ".h.h");
  bench.say(1, load(1.4), 1);
  bench.say(1, load(1.4), 2);
  bench.say(1, load(1.4), 3);
  CHECK(bench.out() == "...h");
}

TEST_CASE("demotion: a load takes no majority, whoever is in the zone at the moment") {
  Bench empty("uuuu", marks());
  for (const auto& [member, value] : {std::pair(0U, 1.6), {1U, 1.9}, {2U, 1.7}, {3U, 1.8}}) {
    empty.demotion().observe(0, member, load(value), at(0));
  }
  empty.judge(0);
  CHECK(empty.out() == ".h.h");
  CHECK(empty.demotion().waits(2).why ==
        "load 1.7 not yet under 1.5; a load never takes the majority of the healthy");

  Bench bench("UUUU", lasting(marks()));
  bench.hear({3, 4, 3, 3}, 0);
  bench.judge(300);
  REQUIRE(bench.out() == "hh..");
  bench.letters_ = "uudd";  // two die, and those that are out are needed
  bench.judge(301);
  CHECK(bench.out() == ".hhh");
  bench.letters_ = "Uuuu";  // and come back as hot as they went
  bench.judge(302);
  CHECK(bench.out() == ".hh.");
}

TEST_CASE("demotion: who is drained by its checks is out already when a load counts") {
  ServiceConfig service = test::service_of("192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4");
  service.demotions.push_back(marks());
  std::vector<MemberNow> members(4, {.healthy = true, .published = true});
  members[0] = members[1] = {.healthy = true, .drained = true};
  Demotion demotion(service, 1);
  for (std::size_t m = 0; m < 4; ++m) {
    demotion.observe(0, m, load(3), at(0));
  }
  demotion.judge(members, at(0));
  CHECK(demotion.of(1).kind == Withheld::hot);
  CHECK(demotion.of(2).kind == Withheld::none);
  CHECK(demotion.of(3).kind == Withheld::none);
}

TEST_CASE("demotion: what a load may take is counted tier by tier") {
  Bench bench("UUU/uuu", marks());
  for (const double seconds : {0.0, 300.0, 600.0, 900.0}) {
    bench.hear({3, 3, 3, 0, 0, 0}, seconds);
    CHECK(bench.out() == "h.....");
  }
  bench.hear({0, 0, 0, 9, 9, 9}, 1000);
  CHECK(bench.out() == "...h..");
}

TEST_CASE("demotion: where families are apart, a load may take of each less than the majority") {
  ServiceConfig service = test::service_of("192.0.2.1 192.0.2.2 2001:db8::3 2001:db8::4");
  service.demotions.push_back(marks());
  const auto out = [&] {
    Demotion demotion(service, 1);
    for (const std::size_t m : {std::size_t{0}, std::size_t{1}}) {
      demotion.observe(0, m, load(3), at(0));
      demotion.observe(0, m + 2, load(0), at(0));
    }
    demotion.judge(std::vector<MemberNow>(4, {.healthy = true, .published = false}), at(0));
    return (demotion.of(0).kind == Withheld::hot ? 1 : 0) +
           (demotion.of(1).kind == Withheld::hot ? 1 : 0);
  };
  CHECK(out() == 2);
  service.families_apart = true;
  CHECK(out() == 1);
}

TEST_CASE("demotion: one that has cooled down while it waited stays") {
  Bench bench("UUUUU", lasting(marks()));
  bench.hear({3, 3, 0, 0, 0}, 0);
  REQUIRE(bench.out() == "h....");
  bench.say(1, load(1.9), 280);
  CHECK(bench.demotion().waits(1).kind == Withheld::none);
  bench.judge(300);
  CHECK(bench.out() == "h....");
  bench.say(1, load(2), 301);
  CHECK(bench.out() == "hh...");
  bench.say(1, load(1.9), 302);
  CHECK(bench.out() == "hh...");

  Bench old("UUUUU", lasting(lag(600)));
  for (int i = 0; i < 4; ++i) {  // the first time nobody else has told
    for (std::size_t m = 0; m < 5; ++m) {
      old.say(m, stamp(m < 2 ? 1000 : 9000), i);
    }
  }
  REQUIRE(old.out() == "s....");
  old.say(1, stamp(9000), 280);
  old.judge(400);
  CHECK(old.out() == "s....");
}

TEST_CASE("demotion: a run of one sample takes one out") {
  Bench bench("UUUU", marks(), 1);
  for (std::size_t m = 0; m < 4; ++m) {
    bench.demotion().observe(0, m, load(m == 2 ? 5 : m == 1 ? 3 : 1), at(0));
  }
  bench.judge(0);
  CHECK(bench.out() == "..h.");
}

TEST_CASE("demotion: an agent's word counts at once and until it is silent") {
  Bench bench("UUU", words());
  bench.say(1, word(AgentWord::drain), 0);
  CHECK(bench.out() == ".d.");
  CHECK(bench.why(1) == "its agent says \"its word\"");
  bench.say(1, silence(), 10);
  CHECK(bench.out() == ".d.");
  bench.say(1, word(AgentWord::up), 20);
  CHECK(bench.out() == "...");
  bench.say(1, word(AgentWord::down), 30);
  CHECK(bench.out() == ".r.");
  bench.say(1, silence(), 89);
  CHECK(bench.out() == ".r.");
  CHECK(bench.demotion().next_change() == at(90));
  bench.judge(90);
  CHECK(bench.out() == "...");
}

TEST_CASE("demotion: words wait for no five minutes, but go one replica at a time") {
  Bench bench("UUUU", words());
  bench.demotion().observe(0, 3, word(AgentWord::down), at(0));
  bench.demotion().observe(0, 1, word(AgentWord::drain), at(0));
  bench.demotion().observe(0, 0, word(AgentWord::drain), at(0));
  bench.judge(0);
  CHECK(bench.out() == "d...");
  CHECK(bench.demotion().waits(1).why ==
        "its agent says \"its word\"; one replica goes at a time, the last was 192.0.2.1");
  CHECK(bench.demotion().next_change() == at(0.1));
  bench.judge(0.1);
  CHECK(bench.out() == "dd..");
  bench.judge(0.2);
  CHECK(bench.out() == "dd.r");
  CHECK(bench.demotion().next_change() == at(60));
  bench.say(0, word(AgentWord::up), 1);
  bench.letters_ = "UUuu";
  bench.say(0, word(AgentWord::down), 2);
  CHECK(bench.out() == "rd.r");

  Bench once("UUUU", words(), 1);
  once.demotion().observe(0, 3, word(AgentWord::down), at(0));
  once.demotion().observe(0, 1, word(AgentWord::drain), at(0));
  once.judge(0);
  once.judge(1);
  CHECK(once.out() == ".d..");
}

TEST_CASE("demotion: words and samples do not wait for each other") {
  ServiceConfig service = test::service_of("192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5");
  service.demotions = {words(), marks()};
  Demotion demotion(service, 3);
  const std::vector<MemberNow> members(5, {.healthy = true, .published = true});
  demotion.observe(0, 0, word(AgentWord::drain), at(0));
  demotion.judge(members, at(0));
  for (int i = 0; i < 3; ++i) {
    demotion.observe(1, 1, load(9), at(1));
    demotion.observe(1, 2, load(8), at(1));
  }
  demotion.judge(members, at(1));
  CHECK(demotion.of(1).kind == Withheld::hot);
  CHECK(demotion.of(2).kind == Withheld::none);
  demotion.observe(0, 3, word(AgentWord::down), at(2));
  demotion.judge(members, at(2));
  CHECK(demotion.of(3).kind == Withheld::refused);
  // Who is out by another's word counts: a third of five would be the majority.
  CHECK(demotion.waits(2).why ==
        "load 8 over 2; one replica goes in five minutes, the last was 192.0.2.2");
  demotion.judge(members, at(20));
  CHECK(demotion.of(2).kind == Withheld::none);
}

TEST_CASE("demotion: the addresses of one replica go together") {
  ServiceConfig service = test::service_of("192.0.2.1 2001:db8::1 192.0.2.2");
  service.members[0].replica = service.members[1].replica = "web1";
  service.demotions.push_back(words());
  Demotion demotion(service, 3);
  const std::vector<MemberNow> members(3, {.healthy = true, .published = true});
  demotion.observe(0, 0, word(AgentWord::drain), at(0));
  demotion.judge(members, at(0));
  demotion.observe(0, 1, word(AgentWord::drain), at(0.05));
  demotion.observe(0, 2, word(AgentWord::drain), at(0.05));
  demotion.judge(members, at(0.05));
  CHECK(demotion.of(0).kind == Withheld::drained);
  CHECK(demotion.of(1).kind == Withheld::drained);
  CHECK(demotion.of(2).kind == Withheld::none);
}

TEST_CASE("demotion: counters count by how fast they grow") {
  const auto bytes = [](double one, double other) {
    return report({.measures = {{.name = "network", .value = one, .part = "eth0"},
                                {.name = "network", .value = other, .part = "eth1"}}});
  };
  Bench bench("UU", {.name = "node_exporter",
                     .marks = {{.measure = "network", .high = 100, .low = 50}},
                     .ttl = 30s});
  bench.say(1, bytes(1e9, 5), 0);
  bench.say(1, bytes(1e9, 1005), 10);
  bench.say(1, bytes(1e9, 2005), 20);
  CHECK(bench.out() == "..");       // two rates from three reports
  bench.say(1, bytes(1e9, 5), 30);  // began anew: nobody knows when
  bench.say(1, bytes(1e9, 2005), 40);
  CHECK(bench.out() == "..");
  bench.say(1, bytes(1e9 + 2000, 2005), 50);
  bench.say(1, bytes(1e9 + 4000, 2005), 60);
  CHECK(bench.out() == ".h");
  CHECK(bench.why(1) == "network 200 over 100");
  bench.say(1, bytes(0, 0), 70);  // who begins anew has no rate: nothing is known, not "none"
  CHECK(bench.out() == "..");
}

TEST_CASE("demotion: data behind the newest, unless most are behind") {
  Bench bench("UUU", lag(600));
  const auto round = [&](double a, double b, double c, double seconds) {
    bench.say(0, stamp(a), seconds);
    bench.say(1, stamp(b), seconds);
    bench.say(2, stamp(c), seconds);
  };
  round(5000, 4400, 4399, 0);
  round(5000, 4400, 4399, 1);
  CHECK(bench.out() == "...");
  round(5000, 4400, 4399, 2);
  CHECK(bench.out() == "..s");
  CHECK(bench.why(2) == "10m1s behind the newest, max_lag 10m");
  // One runs ahead of all others: it is the odd one.
  round(90000, 5000, 4399, 3);
  round(90000, 5000, 4399, 4);
  round(90000, 5000, 4399, 5);
  CHECK(bench.out() == "...");
  // One that says nothing is no reason to believe the others less.
  round(5000, 5000, 5000, 100);
  bench.letters_ = "UUU";
  for (const double seconds : {110.0, 120.0, 130.0, 140.0, 150.0, 160.0}) {
    bench.say(0, stamp(7000), seconds);
    bench.say(2, stamp(4399), seconds);
  }
  CHECK(bench.out() == "..s");
}

TEST_CASE("demotion: in a run of one sample data is compared when all have told theirs") {
  Bench bench("UUU", lag(600), 1);
  bench.demotion().observe(0, 2, stamp(1000), at(0));
  bench.demotion().observe(0, 0, stamp(9000), at(0));
  bench.demotion().observe(0, 1, stamp(9000), at(0));
  bench.judge(0);
  CHECK(bench.out() == "..s");
}

TEST_CASE("demotion: a stamp is judged when there is another one, and the first time by all") {
  Bench bench("uUU", lag(600));
  bench.say(0, stamp(1000), 0);
  bench.say(0, stamp(1000), 10);
  bench.say(0, stamp(1000), 20);
  bench.say(1, stamp(1000), 21);
  CHECK(bench.out() == "...");  // as the other one that has told
  bench.say(2, silence(), 22);
  bench.say(1, stamp(9000), 23);
  CHECK(bench.out() == "...");  // two that differ: the majority of neither
  bench.say(2, stamp(9000), 24);
  CHECK(bench.out() == "...");
  bench.say(0, stamp(1000), 30);
  bench.say(0, stamp(1000), 31);
  bench.say(0, stamp(1000), 32);
  CHECK(bench.out() == "s..");

  Bench slow("uUU", lag(600));
  for (const double seconds : {0.0, 10.0, 20.0}) {
    slow.say(0, stamp(1000), seconds);
  }
  slow.say(1, stamp(1000), 21);
  slow.say(2, stamp(9000), 22);
  slow.say(1, stamp(9000), 23);
  CHECK(slow.out() == "s..");
}

TEST_CASE("demotion: what we slept through makes no report old, and rows begin anew") {
  Bench bench("UUU", marks());
  bench.hear({3, 0, 0}, 0);
  REQUIRE(bench.out() == "h..");
  bench.say(1, load(3), 10);
  bench.say(1, load(3), 20);
  bench.demotion().forgive(at(1000));
  bench.judge(1000);
  CHECK(bench.out() == "h..");
  CHECK(bench.demotion().next_change() == at(1010));  // 20 of its 30 seconds were awake
  bench.say(1, load(3), 1001);
  CHECK(bench.demotion().waits(1).kind == Withheld::none);
  bench.judge(1010);
  CHECK(bench.out() == "...");
  // Five minutes of samples, not of sleep.
  Bench slept("UUUUU", lasting(marks()));
  slept.hear({3, 3, 0, 0, 0}, 0);
  slept.judge(10);
  slept.demotion().forgive(at(1000));
  slept.judge(1289);
  CHECK(slept.out() == "h....");
  CHECK(slept.demotion().next_change() == at(1290));
  slept.judge(1290);
  CHECK(slept.out() == "hh...");
  Bench untold("UU", marks());
  untold.demotion().forgive(at(5));
  untold.judge(5);
  CHECK(untold.out() == "..");
}

TEST_CASE("demotion: serial numbers wrap") {
  DemotionRule rule = lag(5);
  rule.wraps = true;
  rule.in_seconds = false;
  Bench bench("UUU", rule, 1);
  bench.demotion().observe(0, 0, stamp(3), at(0));
  bench.demotion().observe(0, 1, stamp(4294967295.0), at(0));
  bench.demotion().observe(0, 2, stamp(4294967290.0), at(0));
  bench.judge(0);
  CHECK(bench.out() == "..s");
  CHECK(bench.why(2) == "9 behind the newest, max_lag 5");
}

TEST_CASE("demotion: a stamp of any year is told, however far away") {
  Bench bench("UU", lag(600), 1);
  bench.demotion().observe(0, 0, stamp(253402300799.0), at(0));  // the end of 9999
  bench.demotion().observe(0, 1, stamp(1), at(0));
  bench.judge(0);
  CHECK(bench.out() == ".s");
  CHECK(bench.why(1) == "more than 104166d16h behind the newest, max_lag 10m");
}

TEST_CASE("demotion: another configuration goes on from what is known") {
  Bench bench("UU", marks());
  for (int i = 0; i < 3; ++i) {
    bench.say(1, load(3), 0);
  }
  Bench same("UU", marks());
  same.demotion().carry(bench.demotion());
  same.judge(1);
  CHECK(same.out() == ".h");
  DemotionRule other = marks();
  other.marks[0].high = 5;
  Bench changed("UU", other);
  changed.demotion().carry(bench.demotion());
  changed.judge(1);
  CHECK(changed.out() == "..");

  // The same marks of another number.
  ServiceConfig elsewhere = same.service();
  for (Member& member : elsewhere.members) {
    member.reports[0].endpoint.port = 2;
  }
  Demotion asks_elsewhere(elsewhere, 3);
  asks_elsewhere.carry(bench.demotion());
  CHECK_FALSE(asks_elsewhere.knows(0, 1));
  CHECK(same.demotion().knows(0, 1));
}

}  // namespace ronda::agent
