#include "agent/run/probe_table.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "agent/health/probe_key.hpp"

namespace ronda::agent {

namespace {

// It could not be asked so often in a row that nobody should wait for it.
bool given_up(const ProbeEntry& entry) {
  constexpr std::size_t kGiveUp = 3;
  return entry.unknown >= kGiveUp;
}

}  // namespace

ProbeTable::ProbeTable(const Config& config, net::SteadyTime now) {
  for (std::size_t service = 0; service < config.services.size(); ++service) {
    auto& of_service = ids_.emplace_back();
    auto& reports_of_service = report_ids_.emplace_back();
    for (const Member& member : config.services[service].members) {
      const std::size_t index = of_service.size();
      auto& of_member = of_service.emplace_back();
      for (const MemberCheck& check : member.checks) {
        const std::size_t id = add(check, service, now);
        of_member.push_back(id);
        entries_[id].members.push_back({.service = service, .member = index});
      }
      auto& reports_of_member = reports_of_service.emplace_back();
      for (std::size_t rule = 0; rule < member.reports.size(); ++rule) {
        const std::size_t id = add(member.reports[rule], service, now);
        entries_[id].about.push_back({.service = service, .member = index, .rule = rule});
        reports_of_member.push_back(id);
      }
    }
  }
}

std::size_t ProbeTable::add(const MemberCheck& check, std::size_t service, net::SteadyTime now) {
  std::string key = probe_key(check);
  const auto [position, added] = known_.emplace(key, entries_.size());
  if (added) {
    entries_.push_back({.key = std::move(key),
                        .check = check,
                        .tracker = Tracker(check.timing, Seed::unpublished, now)});
  }
  auto& services = entries_[position->second].services;
  if (std::ranges::find(services, service) == services.end()) {
    services.push_back(service);
  }
  return position->second;
}

bool ProbeTable::reported(std::size_t service, std::size_t member) const {
  return std::ranges::all_of(report_ids_[service][member],
                             [&](std::size_t id) { return entries_[id].last.has_value(); });
}

bool ProbeTable::comparable(const ServiceConfig& config, std::size_t service) const {
  for (std::size_t rule = 0; rule < config.demotions.size(); ++rule) {
    const auto came = [&](const std::vector<std::size_t>& ids) {
      return entries_[ids[rule]].last.has_value();
    };
    if (config.demotions[rule].max_lag && !std::ranges::all_of(report_ids_[service], came)) {
      return false;
    }
  }
  return true;
}

net::Duration ProbeTable::next_interval(std::size_t id, net::SteadyTime now) const {
  const ProbeEntry& entry = entries_[id];
  return entry.about.empty() ? entry.tracker.next_interval(now) : entry.check.timing.interval;
}

MemberHealth ProbeTable::health(const ServiceConfig& config, std::size_t service,
                                std::size_t member) const {
  std::vector<const Tracker*> trackers;
  for (const std::size_t id : ids_[service][member]) {
    trackers.push_back(&entries_[id].tracker);
  }
  MemberHealth health = combine(config.members[member], config.require, trackers);
  for (std::size_t check = 0; check < trackers.size(); ++check) {
    const ProbeEntry& entry = entries_[ids_[service][member][check]];
    const std::optional<probes::ProbeResult>& last = entry.last;
    const bool warned = last && last->verdict == probes::Verdict::warn;
    const HealthState state = trackers[check]->state();
    // Of the one that decides, the replica's own state says that nobody knows.
    const bool decides =
        check == health.deciding && config.members[member].checks[check].scope == Scope::local;
    const bool lost = (state == HealthState::stale || given_up(entry)) && !decides;
    if (warned || (last && (state == HealthState::down || lost))) {
      health.warnings.push_back(check);
    }
  }
  return health;
}

bool ProbeTable::settled(std::size_t id) const {
  const ProbeEntry& entry = entries_[id];
  if (!entry.about.empty()) {
    return entry.last.has_value();
  }
  if (given_up(entry)) {
    return true;
  }
  const HealthState state = entry.tracker.state();
  return entry.definite > 0 && (state == HealthState::up || state == HealthState::down);
}

void ProbeTable::carry(const ProbeTable& old) {
  std::map<std::string, const ProbeEntry*> known;
  for (const ProbeEntry& entry : old.entries_) {
    known.emplace(entry.key, &entry);
  }
  for (ProbeEntry& entry : entries_) {
    const auto found = known.find(entry.key);
    if (found != known.end()) {
      entry.tracker = found->second->tracker;
      entry.last = found->second->last;
      entry.definite = found->second->definite;
      entry.unknown = found->second->unknown;
      entry.misses = found->second->misses;
      entry.report = found->second->report;
    }
  }
}

void ProbeTable::save(SavedState& state, net::SteadyTime now, net::WallTime wall) const {
  for (const ProbeEntry& entry : entries_) {
    if (entry.tracker.solid()) {
      state.probes[entry.key] = {.state = entry.tracker.state(),
                                 .since = wall - (now - entry.tracker.since()),
                                 .drained = entry.tracker.drained()};
    }
  }
}

Seed choose_seed(const ProbeEntry& entry, bool published, const SavedState& saved,
                 net::WallTime wall) {
  const auto found = saved.probes.find(entry.key);
  const bool fresh =
      wall >= saved.saved_at && wall - saved.saved_at <= 3 * entry.check.timing.interval;
  if (found == saved.probes.end() || !fresh) {
    return published ? Seed::published : Seed::unpublished;
  }
  const HealthState state = found->second.state;
  const bool was_down = state == HealthState::down || state == HealthState::rising;
  if (was_down) {
    return published ? Seed::suspect : Seed::down;
  }
  if (found->second.drained && !published) {
    return Seed::drained;
  }
  // Saved UP but gone from the zone: somebody took it out while we were away; it earns its place
  // anew.
  return published ? Seed::up : Seed::unpublished;
}

}  // namespace ronda::agent
