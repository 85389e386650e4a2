#include "agent/ops/snapshot.hpp"

#include <algorithm>

namespace ronda::agent {
namespace {

// Findings of one service, each a reason for one exit code.
struct Findings {
  bool warning = false;
  bool critical = false;
  bool unknown = false;
};

bool worth_a_look(const ReplicaStatus& replica) {
  return !replica.healthy || replica.state == HealthState::stale ||
         replica.state == HealthState::held || warns(replica);
}

bool write_failed(UpdateKind kind) {
  return kind == UpdateKind::conflict || kind == UpdateKind::rejected ||
         kind == UpdateKind::unknown;
}

Findings findings(const ServiceStatus& service) {
  Findings found;
  found.critical = service.state == ServiceState::down || write_failed(service.update.kind);
  found.unknown = service.state == ServiceState::unknown || !service.error.empty();
  found.warning = service.state == ServiceState::degraded || !service.alarms.empty() ||
                  service.wanted != service.published ||
                  std::any_of(service.replicas.begin(), service.replicas.end(), worth_a_look);
  return found;
}

}  // namespace

bool warns(const ReplicaStatus& replica) {
  const bool last_warns = replica.last && replica.last->result.verdict == probes::Verdict::warn;
  const Withheld waits = replica.waits.kind;
  const bool should_go = waits != Withheld::none && waits != Withheld::drained;
  return last_warns || should_go || !replica.warnings.empty();
}

const char* to_string(ServiceState state) {
  switch (state) {
    case ServiceState::ok:
      return "ok";
    case ServiceState::degraded:
      return "degraded";
    case ServiceState::down:
      return "down";
    case ServiceState::unknown:
      break;
  }
  return "unknown";
}

const char* to_string(UpdateKind kind) {
  switch (kind) {
    case UpdateKind::applied:
      return "applied";
    case UpdateKind::unchanged:
      return "unchanged";
    case UpdateKind::conflict:
      return "conflict";
    case UpdateKind::rejected:
      return "rejected";
    case UpdateKind::skipped:
      return "skipped";
    case UpdateKind::unknown:
      break;
  }
  return "unknown";
}

const char* to_string(WriteMode mode) {
  return mode == WriteMode::observe ? "observe" : "enforce";
}

int exit_code(const Snapshot& snapshot) {
  Findings all;
  all.unknown = !snapshot.errors.empty();
  for (const ServiceStatus& service : snapshot.services) {
    const Findings found = findings(service);
    all.warning = all.warning || found.warning;
    all.critical = all.critical || found.critical;
    all.unknown = all.unknown || found.unknown;
  }
  if (all.critical) {
    return 2;
  }
  if (all.unknown) {
    return 3;
  }
  return all.warning ? 1 : 0;
}

}  // namespace ronda::agent
