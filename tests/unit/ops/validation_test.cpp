#include "agent/ops/validation.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace ronda;
using namespace ronda::agent;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

Config sample() {
  Config config;
  ZoneConfig zone;
  zone.zone = dnsupdate::Name::parse("example.com").value();
  zone.primaries = {{.host = "127.0.0.1", .port = 53}};
  config.zones = {zone};
  MemberCheck check;
  check.timing = {.interval = 10s, .fast_interval = 2s, .fall = 3, .rise = 3, .ok = 1};
  check.spec.timeout = 3s;
  MemberCheck quick = check;
  quick.timing.fall = 1;
  ServiceConfig service;
  service.id = "www.example.com";
  service.ttl = 30;
  service.members = {{.replica = "web1", .address = net::IpAddress::parse("192.0.2.1").value()},
                     {.replica = "web1", .address = net::IpAddress::parse("2001:db8::1").value()}};
  service.members[0].checks = {quick, check};
  config.services = {service};
  return config;
}

}  // namespace

TEST_CASE("worst-case time to failover is that of the slowest check") {
  Config config = sample();
  CHECK(failover_bound(config.services[0]) == 23s);  // 10 + 3 + 2 * (2 + 3)
  config.services[0].members[0].checks.pop_back();
  CHECK(failover_bound(config.services[0]) == 13s);
  CHECK_FALSE(failover_bound(ServiceConfig{}));
  // What removes nothing takes no time to.
  config = sample();
  config.services[0].members[0].checks[1].scope = Scope::dependency;
  CHECK(failover_bound(config.services[0]) == 13s);
  config.services[0].members[0].checks[0].scope = Scope::dependency;
  CHECK_FALSE(failover_bound(config.services[0]));
  CHECK_THAT(validation_text(config),
             Catch::Matchers::EndsWith("enforce, no check takes a replica out\n"));
}

TEST_CASE("how long a passive check takes is up to who reports, and said so") {
  Config config = sample();
  ServiceConfig& service = config.services[0];
  service.ttl.reset();
  MemberCheck& told = service.members[0].checks[1];
  told.spec.protocol = probes::PassiveCheck{};
  CHECK_THAT(validation_text(config),
             Catch::Matchers::EndsWith(
                 "enforce, worst-case time to failover 13s, or at once with the 3rd fail in "
                 "a row from `ronda report`\n"));
  CHECK(json::parse(validation_json("a.json", config))["services"][0]["failover_seconds"] == 13);
  service.members[0].checks.erase(service.members[0].checks.begin());
  service.members[0].checks[0].timing.fall = 1;
  CHECK_THAT(validation_text(config),
             Catch::Matchers::EndsWith(
                 "enforce, time to failover: at once with a fail from `ronda report`\n"));
  CHECK(
      json::parse(validation_json("a.json", config))["services"][0]["failover_seconds"].is_null());
  service.members[0].checks[0].spec.protocol = probes::PassiveCheck{.file = "/run/words"};
  service.members[0].checks[0].timing.fall = 12;
  service.probes_only = true;
  CHECK_THAT(
      validation_text(config),
      Catch::Matchers::EndsWith("time until a replica is down: 13s after the 12th fail in a row in "
                                "/run/words\n"));
}

TEST_CASE("one line for each service of a good config") {
  CHECK(validation_text(sample()) ==
        "www.example.com: A+AAAA, 1 replica, zone example.com at 127.0.0.1:53, enforce, "
        "worst-case time to failover 23s (and up to 30s in resolvers' caches)\n");
}

TEST_CASE("a good and a bad config as JSON") {
  const json good = json::parse(validation_json("a.json", sample()));
  CHECK(good["valid"] == true);
  CHECK(good["exit"] == 0);
  CHECK(good["services"][0]["failover_seconds"] == 23);
  CHECK(good["errors"].empty());
  const std::vector<ConfigProblem> problems{
      {.file = "a.json", .line = 3, .column = 5, .pointer = "/x", .message = "unknown key"}};
  const json bad = json::parse(validation_json("a.json", std::unexpected(problems)));
  CHECK(bad["exit"] == 78);
  CHECK(bad["errors"][0] == json::parse(R"({"file": "a.json", "line": 3, "column": 5,
    "pointer": "/x", "message": "unknown key"})"));
}
