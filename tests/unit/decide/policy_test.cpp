#include "agent/decide/policy.hpp"

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/decide/service_builder.hpp"

namespace ronda::agent {
namespace {

using test::ips;
using test::text;

struct Row {
  const char* title;
  const char* members;
  const char* views;
  const char* published;
  const char* wanted;
  ServiceState state;
  const char* reason;
};

constexpr ServiceState kOk = ServiceState::ok;
constexpr ServiceState kDegraded = ServiceState::degraded;
constexpr ServiceState kDown = ServiceState::down;
constexpr ServiceState kUnknown = ServiceState::unknown;

void check_rows(const ServiceConfig& settings, const std::vector<Row>& rows, bool grace_over = true,
                const char* retired = "") {
  for (const Row& row : rows) {
    INFO(row.title);
    ServiceConfig service = settings;
    service.members = test::service_of(row.members).members;
    const Decision decision =
        decide(service, test::views_of(row.views), ips(row.published), ips(retired), grace_over);
    CHECK(text(decision.wanted) == row.wanted);
    CHECK(decision.state == row.state);
    CHECK(decision.reason == row.reason);
  }
}

TEST_CASE("policy: the healthy ones of the lowest tier that has any", "[policy]") {
  check_rows(
      {}, {
              {"all healthy", "192.0.2.1 192.0.2.2", "UU", "192.0.2.1 192.0.2.2",
               "192.0.2.1 192.0.2.2", kOk, "2 of 2 healthy in tier 1"},
              {"nothing published yet", "192.0.2.1 192.0.2.2", "UU", "", "192.0.2.1 192.0.2.2", kOk,
               "2 of 2 healthy in tier 1"},
              {"one down", "192.0.2.1 192.0.2.2 192.0.2.3", "UDU", "192.0.2.1 192.0.2.2 192.0.2.3",
               "192.0.2.1 192.0.2.3", kDegraded, "2 of 3 healthy in tier 1"},
              {"backup tier idle", "192.0.2.1 192.0.2.9/2", "UU", "192.0.2.1", "192.0.2.1", kOk,
               "1 of 1 healthy in tier 1"},
              {"backup tier sick", "192.0.2.1 192.0.2.9/2", "UD", "192.0.2.1", "192.0.2.1",
               kDegraded, "1 of 1 healthy in tier 1"},
              {"failover", "192.0.2.1 192.0.2.9/2", "DU", "192.0.2.1", "192.0.2.9", kDegraded,
               "tier 1 has none healthy, serving tier 2 (1 of 1 healthy)"},
              {"failback", "192.0.2.1 192.0.2.9/2", "UU", "192.0.2.9", "192.0.2.1", kOk,
               "1 of 1 healthy in tier 1"},
              {"third tier", "192.0.2.1 192.0.2.2/5 192.0.2.3/7", "DDU", "192.0.2.1", "192.0.2.3",
               kDegraded, "tier 1 has none healthy, serving tier 7 (1 of 1 healthy)"},
              {"a dead AAAA goes while an A remains", "192.0.2.1 2001:db8::1", "UD",
               "192.0.2.1 2001:db8::1", "192.0.2.1", kDegraded, "1 of 2 healthy in tier 1"},
          });
}

TEST_CASE("policy: floor", "[policy]") {
  ServiceConfig two;
  two.min_healthy.count = 2;
  check_rows(two, {
                      {"the one that was healthy longest stays", "192.0.2.1 192.0.2.2 192.0.2.3",
                       "UDD", "192.0.2.1 192.0.2.2 192.0.2.3", "192.0.2.1 192.0.2.3", kDown,
                       "1 of 3 healthy, min_healthy 2: 192.0.2.3 stays although down"},
                      {"only a published one stays", "192.0.2.1 192.0.2.2 192.0.2.3", "UDD",
                       "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2", kDown,
                       "1 of 3 healthy, min_healthy 2: 192.0.2.2 stays although down"},
                      {"none to keep", "192.0.2.1 192.0.2.2", "UD", "192.0.2.1", "192.0.2.1", kDown,
                       "1 of 2 healthy, min_healthy 2 is not reached"},
                      {"enough healthy", "192.0.2.1 192.0.2.2 192.0.2.3", "UDU",
                       "192.0.2.1 192.0.2.2 192.0.2.3", "192.0.2.1 192.0.2.3", kDegraded,
                       "2 of 3 healthy in tier 1"},
                      {"a lower tier is not added", "192.0.2.1 192.0.2.2 192.0.2.9/2", "UDU",
                       "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2", kDown,
                       "1 of 2 healthy, min_healthy 2: 192.0.2.2 stays although down"},
                  });
  ServiceConfig three;
  three.min_healthy.count = 3;
  check_rows(three, {
                        {"two stay", "192.0.2.1 192.0.2.2 192.0.2.3", "DDU",
                         "192.0.2.1 192.0.2.2 192.0.2.3", "192.0.2.1 192.0.2.2 192.0.2.3", kDown,
                         "1 of 3 healthy, min_healthy 3: 192.0.2.2, 192.0.2.1 stay although down"},
                    });
  ServiceConfig zero;
  zero.min_healthy.count = 0;
  check_rows(zero,
             {
                 {"0 asks for nothing, the last still stays", "192.0.2.1", "D", "192.0.2.1",
                  "192.0.2.1", kDown, "all 1 down, when_all_down keep: published records stay"},
             });
}

TEST_CASE("policy: who is able but withheld", "[policy]") {
  check_rows(
      {},
      {
          {"a drained one goes, which is well", "192.0.2.1 192.0.2.2", "UX", "192.0.2.1 192.0.2.2",
           "192.0.2.1", kOk, "2 of 2 healthy in tier 1; 192.0.2.2 withheld"},
          {"a hot one goes", "192.0.2.1 192.0.2.2", "UH", "192.0.2.1 192.0.2.2", "192.0.2.1",
           kDegraded, "2 of 2 healthy in tier 1; 192.0.2.2 withheld"},
          {"one that is withheld is not added", "192.0.2.1 192.0.2.2", "US", "192.0.2.1",
           "192.0.2.1", kDegraded, "2 of 2 healthy in tier 1; 192.0.2.2 withheld"},
          {"one that is not judged is held", "192.0.2.1 192.0.2.2", "Uu", "192.0.2.1 192.0.2.2",
           "192.0.2.1 192.0.2.2", kDegraded, "2 of 2 healthy in tier 1"},
          {"all hot: the published one stays", "192.0.2.1 192.0.2.2", "HH", "192.0.2.2",
           "192.0.2.2", kDegraded,
           "2 of 2 healthy in tier 1; 192.0.2.1 withheld; 192.0.2.2 serves although hot"},
          {"nothing published: the longest healthy", "192.0.2.1 192.0.2.2", "HH", "", "192.0.2.1",
           kDegraded,
           "2 of 2 healthy in tier 1; 192.0.2.1 serves although hot; 192.0.2.2 withheld"},
          {"a hot one goes back before a drained one", "192.0.2.1 192.0.2.2", "XH", "192.0.2.1",
           "192.0.2.2", kDegraded,
           "2 of 2 healthy in tier 1; 192.0.2.1 withheld; 192.0.2.2 serves although hot"},
          {"backups take over from drained ones", "192.0.2.1 192.0.2.9/2", "XU", "192.0.2.1",
           "192.0.2.9", kOk,
           "tier 1 is drained, serving tier 2 (1 of 1 healthy); 192.0.2.1 withheld"},
          {"and from one whose agent says down", "192.0.2.1 192.0.2.9/2", "RU", "192.0.2.1",
           "192.0.2.9", kDegraded,
           "tier 1 is drained, serving tier 2 (1 of 1 healthy); 192.0.2.1 withheld"},
          {"a load opens no tier", "192.0.2.1 192.0.2.9/2", "HU", "192.0.2.1", "192.0.2.1",
           kDegraded, "1 of 1 healthy in tier 1; 192.0.2.1 serves although hot"},
          {"drained before when_all_down", "192.0.2.1 192.0.2.9/2", "XD", "192.0.2.9", "192.0.2.1",
           kDegraded, "1 of 1 healthy in tier 1; 192.0.2.1 serves although drained"},
          {"drained in both: the better tier", "192.0.2.1 192.0.2.9/2", "XX", "192.0.2.9",
           "192.0.2.1", kOk,
           "1 of 1 healthy in tier 1; 192.0.2.1 serves although drained; 192.0.2.9 withheld"},
      });
  ServiceConfig two;
  two.min_healthy.count = 2;
  check_rows(
      two, {
               {"below the floor one is called back", "192.0.2.1 192.0.2.2 192.0.2.3", "UHD",
                "192.0.2.1 192.0.2.3", "192.0.2.1 192.0.2.2", kDegraded,
                "2 of 3 healthy in tier 1; 192.0.2.2 serves although hot"},
               {"then sick ones stay", "192.0.2.1 192.0.2.2", "XD", "192.0.2.1 192.0.2.2",
                "192.0.2.1 192.0.2.2", kDown,
                "1 of 2 healthy, min_healthy 2: 192.0.2.2 stays although down; 192.0.2.1 serves "
                "although drained"},
               {"a drained one of a better tier helps", "192.0.2.1 192.0.2.9/2 192.0.2.8/2", "XUD",
                "192.0.2.1 192.0.2.8", "192.0.2.1 192.0.2.9", kDegraded,
                "tier 1 is drained, serving tier 2 (2 of 2 healthy); 192.0.2.1 serves although "
                "drained"},
               {"a hot one of a worse tier does not", "192.0.2.1 192.0.2.2 192.0.2.9/2", "UDH",
                "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2", kDown,
                "1 of 2 healthy, min_healthy 2: 192.0.2.2 stays although down; 192.0.2.9 "
                "withheld"},
           });
  ServiceConfig zero;
  zero.min_healthy.count = 0;
  check_rows(zero,
             {
                 {"0 lets the last one stay all the same", "192.0.2.1", "X", "192.0.2.1",
                  "192.0.2.1", kOk, "1 of 1 healthy in tier 1; 192.0.2.1 serves although drained"},
             });
}

TEST_CASE("policy: equal times of two sick ones go by config order", "[policy]") {
  ServiceConfig service = test::service_of("192.0.2.3 192.0.2.1 192.0.2.2");
  service.min_healthy.count = 2;
  std::vector<MemberView> views = test::views_of("DDU");
  views[1].since = views[0].since;
  const Decision decision = decide(service, views, ips("192.0.2.1 192.0.2.2 192.0.2.3"), {}, true);
  CHECK(text(decision.wanted) == "192.0.2.2 192.0.2.3");
}

TEST_CASE("policy: min_healthy as a number", "[policy]") {
  struct PercentRow {
    int percent;
    const char* views;
    int required;
  };
  for (const auto& [percent, views, required] : std::vector<PercentRow>{{0, "UUU", 0},
                                                                        {1, "UUU", 1},
                                                                        {33, "UUU", 1},
                                                                        {34, "UUU", 2},
                                                                        {50, "UUU", 2},
                                                                        {50, "UU", 1},
                                                                        {67, "UUU", 3},
                                                                        {100, "UUU", 3},
                                                                        {50, "DDD", 2},
                                                                        {50, "uuu", 2}}) {
    CAPTURE(percent, views);
    std::string members = "192.0.2.1 192.0.2.2";
    if (std::string(views).size() == 3) {
      members += " 192.0.2.3";
    }
    ServiceConfig service = test::service_of(members + " 192.0.2.9/2");
    service.min_healthy = {.count = percent, .percent = true};
    CHECK(decide(service, test::views_of(std::string(views) + "D"), {}, {}, true).required ==
          required);
  }
}

TEST_CASE("policy: all down", "[policy]") {
  const char* const two = "192.0.2.1 192.0.2.2";
  ServiceConfig service;
  service.fallback = ips("192.0.2.99");
  check_rows(service,
             {
                 {"keep", two, "DD", two, two, kDown,
                  "all 2 down, when_all_down keep: published records stay"},
                 {"keep what is left", two, "DD", "192.0.2.2", "192.0.2.2", kDown,
                  "all 2 down, when_all_down keep: published records stay"},
                 {"keep nothing", two, "DD", "", "", kDown,
                  "all 2 down, when_all_down keep: nothing is published and nothing is added"},
                 {"keep the fallback too", two, "DD", "192.0.2.99", "192.0.2.99", kDown,
                  "all 2 down, when_all_down keep: published records stay"},
                 {"the fallback is ours and goes when one is back", two, "DU", "192.0.2.99",
                  "192.0.2.2", kDegraded, "1 of 2 healthy in tier 1"},
             });
  service.when_all_down = WhenAllDown::all;
  check_rows(service, {
                          {"all", two, "DD", "192.0.2.2", two, kDown,
                           "all 2 down, when_all_down all: every member is published"},
                          {"all of all tiers", "192.0.2.1 192.0.2.2/2", "DD", "", two, kDown,
                           "all 2 down, when_all_down all: every member is published"},
                      });
  service.when_all_down = WhenAllDown::fallback;
  check_rows(service,
             {
                 {"fallback", two, "DD", two, "192.0.2.99", kDown,
                  "all 2 down, when_all_down fallback: 192.0.2.99"},
                 {"fallback stays", two, "DD", "192.0.2.99", "192.0.2.99", kDown,
                  "all 2 down, when_all_down fallback: 192.0.2.99"},
                 {"foreign stay beside it", two, "DD", "192.0.2.1 192.0.2.77",
                  "192.0.2.77 192.0.2.99", kDown, "all 2 down, when_all_down fallback: 192.0.2.99"},
             });
  service.when_all_down = WhenAllDown::none;
  check_rows(service, {
                          {"none", two, "DD", two, "", kDown,
                           "all 2 down, when_all_down none: our records go"},
                          {"none, foreign stay", two, "DD", "192.0.2.1 192.0.2.77", "192.0.2.77",
                           kDown, "all 2 down, when_all_down none: our records go"},
                      });
  service.when_all_down = WhenAllDown::fallback;
  service.fallback.clear();
  check_rows(service, {
                          {"no fallback to go to", two, "DD", two, two, kDown,
                           "all 2 down, when_all_down keep: published records stay"},
                      });
}

TEST_CASE("policy: settling", "[policy]") {
  const char* const three = "192.0.2.1 192.0.2.2 192.0.2.3";
  const std::vector<Row> rows = {
      {"one not judged", three, "UDu", "192.0.2.2 192.0.2.77", "192.0.2.2 192.0.2.77", kUnknown,
       "settling: 1 of 3 not judged yet, published records stay"},
      {"none judged", three, "uuu", "", "", kUnknown,
       "settling: 3 of 3 not judged yet, published records stay"},
  };
  check_rows({}, rows, false);
  ServiceConfig remove;
  remove.remove_foreign = true;
  check_rows(remove, rows, false);
  CHECK(decide(test::service_of(three), test::views_of("UDu"), {}, {}, false).settling);
  CHECK_FALSE(decide(test::service_of(three), test::views_of("UDU"), {}, {}, false).settling);
  CHECK_FALSE(decide(test::service_of(three), test::views_of("UDu"), {}, {}, true).settling);
}

TEST_CASE("policy: not judged when grace is over is held as published", "[policy]") {
  const char* const two = "192.0.2.1 192.0.2.2";
  const std::vector<Row> rows = {
      {"published", two, "Uu", two, two, kDegraded, "2 of 2 healthy in tier 1"},
      {"its own opinion does not count", two, "Ud", two, two, kDegraded,
       "2 of 2 healthy in tier 1"},
      {"not published", two, "Uu", "192.0.2.1", "192.0.2.1", kDegraded, "1 of 2 healthy in tier 1"},
      {"the other is down", two, "Du", two, "192.0.2.2", kDegraded, "1 of 2 healthy in tier 1"},
      {"nothing is known", two, "uu", two, two, kUnknown, "2 of 2 healthy in tier 1"},
  };
  check_rows({}, rows);
  ServiceConfig all;
  all.when_all_down = WhenAllDown::all;
  check_rows(
      all,
      {
          {"all adds no one that was never judged", two, "Du", "192.0.2.1", "192.0.2.1", kDown,
           "none of 2 known to be healthy, when_all_down all: every member is published"},
          {"none judged, none published: hold", two, "uu", "192.0.2.77", "192.0.2.77", kUnknown,
           "none of 2 known to be healthy, when_all_down keep: nothing is published and nothing is "
           "added"},
      });
}

TEST_CASE("policy: foreign addresses", "[policy]") {
  ServiceConfig service = test::service_of("192.0.2.1 192.0.2.2");
  const auto published = ips("192.0.2.77 192.0.2.1 2001:db8::77");
  Decision decision = decide(service, test::views_of("UU"), published, {}, true);
  CHECK(text(decision.wanted) == "192.0.2.1 192.0.2.2 192.0.2.77 2001:db8::77");
  CHECK(text(decision.foreign) == "192.0.2.77 2001:db8::77");
  service.remove_foreign = true;
  decision = decide(service, test::views_of("UU"), published, {}, true);
  // The AAAA set is not this service's: nobody of its members lives there.
  CHECK(text(decision.wanted) == "192.0.2.1 192.0.2.2 2001:db8::77");
  CHECK(text(decision.foreign) == "192.0.2.77 2001:db8::77");
  // Nothing of ours would be left: the foreign one is the last record.
  decision = decide(service, test::views_of("DD"), ips("192.0.2.77"), {}, true);
  CHECK(text(decision.wanted) == "192.0.2.77");
}

TEST_CASE("policy: foreign records never count for the floor", "[policy]") {
  ServiceConfig two;
  two.min_healthy.count = 2;
  check_rows(two, {
                      {"", "192.0.2.1 192.0.2.2", "UD", "192.0.2.1 192.0.2.2 192.0.2.77",
                       "192.0.2.1 192.0.2.2 192.0.2.77", kDown,
                       "1 of 2 healthy, min_healthy 2: 192.0.2.2 stays although down"},
                  });
}

TEST_CASE("policy: retired addresses", "[policy]") {
  const char* const two = "192.0.2.1 192.0.2.2";
  const char* const old = "192.0.2.7 192.0.2.8";
  check_rows({},
             {
                 {"go", two, "UU", "192.0.2.1 192.0.2.7", two, kOk,
                  "2 of 2 healthy in tier 1; no longer configured, removed: 192.0.2.7"},
                 {"stay while none is healthy", two, "DD", "192.0.2.7", "192.0.2.7", kDown,
                  "all 2 down, when_all_down keep: published records stay"},
             },
             true, old);
  ServiceConfig floor;
  floor.min_healthy.count = 2;
  check_rows(
      floor,
      {
          {"stay for the floor, after sick members", two, "UD", "192.0.2.1 192.0.2.2 192.0.2.7",
           two, kDown,
           "1 of 2 healthy, min_healthy 2: 192.0.2.2 stays although down; no longer configured, "
           "removed: 192.0.2.7"},
          {"stay for the floor", two, "UD", "192.0.2.7 192.0.2.8", "192.0.2.1 192.0.2.7", kDown,
           "1 of 2 healthy, min_healthy 2: 192.0.2.7 stays although down; no longer configured, "
           "removed: 192.0.2.8"},
      },
      true, old);
  // One that is configured again is a member.
  check_rows({}, {{"back", two, "UU", two, two, kOk, "2 of 2 healthy in tier 1"}}, true, two);
}

TEST_CASE("policy: families apart", "[policy]") {
  ServiceConfig apart;
  apart.families_apart = true;
  const char* const pair = "192.0.2.1 2001:db8::1";
  check_rows(apart, {
                        {"both", pair, "UU", pair, pair, kOk,
                         "A: 1 of 1 healthy in tier 1; AAAA: 1 of 1 healthy in tier 1"},
                        {"a dead AAAA stays, alone in its set", pair, "UD", pair, pair, kDown,
                         "A: 1 of 1 healthy in tier 1; AAAA: all 1 down, when_all_down keep: "
                         "published records stay"},
                        {"one family only", "2001:db8::1", "U", "", "2001:db8::1", kOk,
                         "AAAA: 1 of 1 healthy in tier 1"},
                        {"each its own tier", "192.0.2.1 192.0.2.9/2 2001:db8::1 2001:db8::9/2",
                         "DUUU", "192.0.2.1 2001:db8::1", "192.0.2.9 2001:db8::1", kDegraded,
                         "A: tier 1 has none healthy, serving tier 2 (1 of 1 healthy); AAAA: 1 of "
                         "1 healthy in tier 1"},
                    });
  check_rows(apart,
             {
                 {"one settles, the other acts", "192.0.2.1 192.0.2.2 2001:db8::1", "UDu",
                  "192.0.2.1 192.0.2.2", "192.0.2.1", kUnknown,
                  "A: 1 of 2 healthy in tier 1; AAAA: settling: 1 of 1 not judged yet, published "
                  "records stay"},
             },
             false);
}

TEST_CASE("policy: probes only", "[policy]") {
  ServiceConfig service;
  service.probes_only = true;
  service.when_all_down = WhenAllDown::all;
  check_rows(
      service,
      {
          {"ok", "192.0.2.1 192.0.2.2", "UU", "", "", kOk, "2 of 2 healthy in tier 1"},
          {"degraded", "192.0.2.1 192.0.2.2", "UD", "", "", kDegraded, "1 of 2 healthy in tier 1"},
          {"down", "192.0.2.1 192.0.2.2", "DD", "", "", kDown, "all 2 down"},
      });
  check_rows(service,
             {{"settling", "192.0.2.1", "u", "", "", kUnknown, "settling: 1 of 1 not judged yet"}},
             false);
}

TEST_CASE("policy: no members", "[policy]") {
  check_rows({}, {{"", "", "", "192.0.2.77", "192.0.2.77", kUnknown,
                   "no members: published records stay"}});
}

}  // namespace
}  // namespace ronda::agent
