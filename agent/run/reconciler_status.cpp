#include <algorithm>

#include "agent/decide/planner.hpp"
#include "agent/run/reconciler.hpp"

namespace ronda::agent {

namespace {

std::vector<std::string> texts(std::span<const net::IpAddress> addresses_in) {
  std::vector<std::string> out;
  for (const net::IpAddress& address : addresses_in) {
    out.push_back(address.to_string());
  }
  std::ranges::sort(out);
  return out;
}

std::string type_text(const ServiceConfig& service, const std::vector<dnsupdate::RrsetKey>& keys) {
  if (service.probes_only) {
    return "none";
  }
  std::string text;
  for (const dnsupdate::RrsetKey& key : keys) {
    text += (text.empty() ? "" : "+") + to_string(key.type);
  }
  return text;
}

}  // namespace

ReplicaStatus Reconciler::replica_status(std::size_t service, std::size_t member,
                                         std::span<const net::IpAddress> published_now) const {
  const Member& config = config_.services[service].members[member];
  const MemberHealth& health = services_[service].health[member];
  ReplicaStatus status;
  status.replica = config.replica;
  status.address = config.address.to_string();
  status.state = health.state;
  status.healthy = health.healthy;
  status.withheld = services_[service].withheld[member];
  if (services_[service].demotion) {
    status.waits = services_[service].demotion->waits(member);
  }
  for (const std::size_t id : probes_.report_ids(service, member)) {
    const ProbeEntry& entry = probes_.at(id);
    status.reports.push_back({.report = entry.check.name, .last = entry.last});
  }
  status.published = std::ranges::find(published_now, config.address) != published_now.end();
  status.since = wall_of(health.since);
  const std::vector<std::size_t>& ids = probes_.ids(service, member);
  if (health.deciding < ids.size()) {
    const ProbeEntry& entry = probes_.at(ids[health.deciding]);
    status.counter = entry.tracker.counter();
    if (entry.last) {
      status.last = LastResult{.check = config.checks[health.deciding].name, .result = *entry.last};
    }
  }
  for (const std::size_t check : health.warnings) {
    if (check != health.deciding || config.checks[check].scope != Scope::local) {
      status.warnings.push_back(
          {.check = config.checks[check].name, .result = probes_.at(ids[check]).last.value()});
    }
  }
  return status;
}

ServiceStatus Reconciler::status_of(std::size_t index) const {
  const ServiceConfig& service = config_.services[index];
  const ServiceRound& round = services_[index];
  const std::vector<net::IpAddress> there = published(round);
  ServiceStatus status;
  status.service = service.id;
  status.type = type_text(service, rrset_keys(service));
  const bool enforced = config_.mode == WriteMode::enforce && service.mode == WriteMode::enforce;
  status.mode = enforced ? WriteMode::enforce : WriteMode::observe;
  status.published = texts(there);
  status.wanted = status.published;
  if (round.decision) {
    status.state = round.decision->state;
    status.wanted = texts(round.decision->wanted);
    status.foreign = texts(round.decision->foreign);
    status.reason = round.decision->reason;
    status.healthy = round.decision->healthy;
    status.required = round.decision->required;
  }
  status.error = round.error;
  for (const Duel& duel : round.duels.duels(now_)) {
    status.alarms.push_back(duel_text(index, duel));
  }
  status.update = round.update;
  status.pending_text = round.pending_text;
  if (one_shot() && !service_settled(index)) {
    status.state = ServiceState::unknown;
  }
  // What we could not ask is not what is down; where others have decided, it is a warning.
  for (std::size_t m = 0; m < service.members.size(); ++m) {
    status.replicas.push_back(replica_status(index, m, there));
    for (const std::size_t id : probes_.ids(index, m)) {
      const ProbeEntry& entry = probes_.at(id);
      if (one_shot() && !round.health[m].solid && entry.definite == 0 && entry.last &&
          status.error.empty()) {
        status.error = status.replicas.back().replica + ": could not probe: " + entry.last->detail;
        status.state = ServiceState::unknown;
      }
    }
  }
  return status;
}

Snapshot Reconciler::snapshot(net::WallTime wall) const {
  Snapshot snapshot;
  snapshot.mode = config_.mode;
  snapshot.at = wall;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    snapshot.services.push_back(status_of(i));
    const ServiceStatus& status = snapshot.services.back();
    if (!status.error.empty()) {
      snapshot.errors.push_back(status.service + ": " + status.error);
    }
  }
  for (const ZoneRound& zone : zones_) {
    snapshot.updates.insert(snapshot.updates.end(), zone.updates.begin(), zone.updates.end());
  }
  return snapshot;
}

}  // namespace ronda::agent
