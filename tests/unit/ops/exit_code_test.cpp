#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/ops/snapshot_sample.hpp"

using namespace ronda;
using namespace ronda::agent;
using ronda::test::degraded_service;
using ronda::test::healthy_service;
using ronda::test::snapshot_of;

TEST_CASE("the exit code of one service") {
  struct Row {
    const char* what;
    int code;
    std::function<void(ServiceStatus&)> change;
  };
  const std::vector<Row> rows{
      {"all well", 0, [](ServiceStatus&) {}},
      {"an update that was applied is well", 0,
       [](ServiceStatus& s) { s.update.kind = UpdateKind::applied; }},
      {"skipped with nothing to change is well", 0,
       [](ServiceStatus& s) { s.update.kind = UpdateKind::skipped; }},
      {"foreign records are well", 0, [](ServiceStatus& s) { s.foreign = {"192.0.2.9"}; }},
      {"falling still serves", 0,
       [](ServiceStatus& s) { s.replicas[0].state = HealthState::falling; }},
      {"a replica down", 1,
       [](ServiceStatus& s) {
         s.replicas[1].healthy = false;
         s.replicas[1].state = HealthState::down;
       }},
      {"degraded", 1, [](ServiceStatus& s) { s.state = ServiceState::degraded; }},
      {"a replica stale", 1, [](ServiceStatus& s) { s.replicas[0].state = HealthState::stale; }},
      {"a replica held", 1, [](ServiceStatus& s) { s.replicas[0].state = HealthState::held; }},
      {"a WARN", 1,
       [](ServiceStatus& s) { s.replicas[0].last->result.verdict = probes::Verdict::warn; }},
      {"a change pending in plan or observe", 1,
       [](ServiceStatus& s) {
         s.update.kind = UpdateKind::skipped;
         s.wanted = {"192.0.2.1"};
       }},
      {"below min_healthy", 2, [](ServiceStatus& s) { s.state = ServiceState::down; }},
      {"conflict", 2, [](ServiceStatus& s) { s.update.kind = UpdateKind::conflict; }},
      {"rejected", 2, [](ServiceStatus& s) { s.update.kind = UpdateKind::rejected; }},
      {"unknown outcome", 2, [](ServiceStatus& s) { s.update.kind = UpdateKind::unknown; }},
      {"not judged", 3, [](ServiceStatus& s) { s.state = ServiceState::unknown; }},
      {"its zone could not be read", 3, [](ServiceStatus& s) { s.error = "no answer"; }},
      {"not read, and replicas down", 3,
       [](ServiceStatus& s) {
         s.error = "no answer";
         s.replicas[1].healthy = false;
       }},
      {"down and not read: 2 wins", 2,
       [](ServiceStatus& s) {
         s.error = "no answer";
         s.state = ServiceState::down;
       }},
  };
  for (const Row& row : rows) {
    ServiceStatus service = healthy_service();
    row.change(service);
    INFO(row.what);
    CHECK(exit_code(snapshot_of(service)) == row.code);
  }
}

TEST_CASE("the worst of several services wins in the order 2, 3, 1, 0") {
  Snapshot snapshot = snapshot_of(healthy_service());
  CHECK(exit_code(snapshot) == 0);
  snapshot.services.push_back(degraded_service());
  CHECK(exit_code(snapshot) == 1);
  snapshot.errors = {"the primary does not answer"};
  CHECK(exit_code(snapshot) == 3);
  snapshot.services.push_back(healthy_service());
  snapshot.services.back().state = ServiceState::down;
  CHECK(exit_code(snapshot) == 2);
}

TEST_CASE("nothing at all is well, unless something went wrong") {
  Snapshot snapshot;
  CHECK(exit_code(snapshot) == 0);
  snapshot.errors = {"bad config"};
  CHECK(exit_code(snapshot) == 3);
}
