#include "agent/ops/status_json.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/ops/snapshot_sample.hpp"

using namespace ronda;
using namespace ronda::agent;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// What stands in the contract must be there as it is; more may stand beside it.
void check_within(const json& wanted, const json& found, const std::string& where) {
  INFO(where << ": " << found.dump());
  if (wanted.is_object()) {
    REQUIRE(found.is_object());
    for (const auto& [key, value] : wanted.items()) {
      INFO(key);
      REQUIRE(found.contains(key));
      check_within(value, found.at(key), where + "/" + key);
    }
  } else if (wanted.is_array() && !wanted.empty() && wanted.front().is_object()) {
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      check_within(wanted[i], found[i], where + "/" + std::to_string(i));
    }
  } else {
    CHECK(found == wanted);
  }
}

}  // namespace

TEST_CASE("a snapshot as JSON") {
  Snapshot snapshot = test::snapshot_of(test::degraded_service());
  ZoneUpdate update{.zone = "example.com"};
  update.message.owners = {dnsupdate::Name::parse("www.example.com").value()};
  update.message.outcome.kind = dnsupdate::OutcomeKind::applied;
  update.message.serial = 2;
  update.message.elapsed = 2ms;
  snapshot.updates.push_back(update);
  const json wanted = json::parse(R"json({
    "schema": 1, "mode": "enforce", "exit": 1,
    "services": [{
      "service": "www.example.com", "type": "A", "state": "degraded",
      "published": ["192.0.2.1"], "wanted": ["192.0.2.1"], "foreign": [],
      "replicas": [
        { "replica": "web1", "address": "192.0.2.1", "state": "up", "admin": "none",
          "published": true, "counter": "0/3", "since": "2026-01-01T00:00:00Z",
          "last": { "check": "web", "verdict": "pass", "code": "L7OK", "detail": "status 200",
                    "seconds": 0.0015, "cert_not_after": "2026-03-01T00:00:00Z",
                    "cert_chain_not_after": "2026-03-01T01:00:00Z" } },
        { "replica": "web2", "address": "192.0.2.2", "state": "down", "admin": "none",
          "published": false, "counter": "0/3", "since": "2026-01-01T00:00:00Z",
          "last": { "check": "web", "verdict": "fail", "code": "L4CON",
                    "detail": "connection refused", "seconds": 0.0004 } }],
      "update": { "outcome": "applied", "rcode": "NOERROR", "tsig_error": null,
                  "server": "127.0.0.1:53", "detail": "" }
    }],
    "updates": [{ "zone": "example.com", "outcome": "applied", "owners": ["www.example.com"],
                  "serial": 2, "seconds": 0.002 }],
    "errors": []
  })json");
  check_within(wanted, json::parse(to_json(snapshot)), "");
}

TEST_CASE("what warns beside the check that decides") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  LastResult store{.check = "store", .result = {}};
  store.result.verdict = probes::Verdict::fail;
  snapshot.services[0].replicas[1].warnings = {store};
  const json report = json::parse(to_json(snapshot));
  CHECK(report.at("exit") == 1);
  const json& replicas = report.at("services").at(0).at("replicas");
  CHECK(replicas.at(0).at("warnings") == json::array());
  CHECK(replicas.at(1).at("warnings").at(0).at("check") == "store");
  CHECK(replicas.at(1).at("warnings").at(0).at("verdict") == "fail");
}

TEST_CASE("what is not known is null") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  snapshot.services[0].replicas[0].last.reset();
  snapshot.services[0].update.outcome.tsig_error = dnsupdate::TsigError::BADKEY;
  snapshot.updates.push_back({.zone = "example.com"});
  const json found = json::parse(to_json(snapshot));
  CHECK(found["services"][0]["replicas"][0]["last"].is_null());
  CHECK(found["services"][0]["update"]["rcode"].is_null());
  CHECK(found["services"][0]["update"]["tsig_error"] == "BADKEY");
  CHECK(found["updates"][0]["serial"].is_null());
}

TEST_CASE("bytes that are no text do not break the JSON") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  snapshot.services[0].replicas[0].last->result.detail = "caf\xe9 \x01";
  const json found = json::parse(to_json(snapshot), nullptr, false);
  CHECK(found.is_object());
}

TEST_CASE("a run that could not begin") {
  const std::string text = failure_json(WriteMode::observe, {"no such file"});
  CHECK(json::parse(text) == json::parse(R"({"schema": 1, "mode": "observe", "exit": 3,
    "services": [], "updates": [], "errors": ["no such file"]})"));
  CHECK(exit_of_status(text) == 3);
  CHECK(errors_of(text) == std::vector<std::string>{"no such file"});
}

TEST_CASE("the client reads back what it can and survives the rest") {
  CHECK(exit_of_status(to_json(test::snapshot_of(test::degraded_service()))) == 1);
  CHECK_FALSE(exit_of_status(""));
  CHECK_FALSE(exit_of_status("{\"exit\": \"1\"}"));
  CHECK_FALSE(exit_of_status("[1]"));
  CHECK(errors_of(errors_json({"a", "b"})) == std::vector<std::string>{"a", "b"});
  CHECK(told_of(told_json({"www/web1", "www/web2"})) ==
        std::vector<std::string>{"www/web1", "www/web2"});
  CHECK(told_of("<html>").empty());
  CHECK(errors_of("<html>").empty());
  CHECK(errors_of("{\"errors\": [1, \"b\"]}") == std::vector<std::string>{"b"});
}
