#include <algorithm>
#include <set>
#include <utility>

#include "agent/run/reconciler.hpp"

namespace ronda::agent {

// The zone is the memory a one-shot run starts from and a daemon adopts. Probes that have said
// something keep their own history.
void Reconciler::seed_probes() {
  std::vector<bool> in_zone(probes_.size(), false);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const std::vector<net::IpAddress> there = published(services_[i]);
    for (std::size_t m = 0; m < config_.services[i].members.size(); ++m) {
      const net::IpAddress& address = config_.services[i].members[m].address;
      if (config_.services[i].probes_only || std::ranges::find(there, address) != there.end()) {
        for (const std::size_t id : probes_.ids(i, m)) {
          in_zone[id] = true;
        }
      }
    }
  }
  for (std::size_t id = 0; id < probes_.size(); ++id) {
    ProbeEntry& entry = probes_.at(id);
    if (entry.tracker.state() != HealthState::init) {
      continue;
    }
    if (entry.definite == 0 && !started_) {
      entry.tracker =
          Tracker(entry.check.timing, choose_seed(entry, in_zone[id], saved_, wall_), now_);
    } else {
      entry.tracker.reseed(in_zone[id] ? Seed::published : Seed::unpublished);
    }
  }
}

bool Reconciler::take(const ProbeFinished& one, std::set<std::size_t>& to_decide) {
  ProbeEntry& entry = probes_.at(one.probe);
  entry.last = one.result;
  if (one.result.verdict == probes::Verdict::unknown) {
    ++entry.unknown;
  } else {
    entry.unknown = 0;
    ++entry.definite;
  }
  if (!entry.about.empty()) {
    count_miss(entry);
  }
  for (const ProbeEntry::About& report : entry.about) {
    services_[report.service].demotion->observe(report.rule, report.member, one.result, now_);
  }
  const bool was_drained = entry.tracker.drained();
  // One word from outside is one verdict, however often it is looked at; a one-shot run has no time
  // to wait for another.
  const std::uint64_t report =
      one.result.verdict == probes::Verdict::unknown ? 0 : one.result.report;
  const bool told_before = report != 0 && report == entry.report && !one_shot();
  entry.report = report != 0 ? report : entry.report;
  const bool moved = !entry.about.empty() ? false
                     : told_before
                         ? entry.tracker.confirm(now_)
                         : entry.tracker.observe(one.result.verdict, now_, one.result.drained);
  const bool changed = moved || entry.tracker.drained() != was_drained;
  for (const auto& [service, member] : entry.members) {
    if (refresh_health(service, member)) {
      to_decide.insert(service);
    }
  }
  // Most results say what the one before said: of ten thousand replicas each would cost a look at
  // all of them. A report may pass a mark, a one-shot run may now be settled.
  if (!entry.about.empty() || one_shot()) {
    to_decide.insert(entry.services.begin(), entry.services.end());
  }
  return changed;
}

// A report that does not come decides nothing, so nobody would see that it never does.
void Reconciler::count_miss(ProbeEntry& entry) {
  constexpr std::size_t kSilent = 3;
  const probes::ProbeResult& last = *entry.last;
  const bool told = last.verdict == probes::Verdict::pass || last.verdict == probes::Verdict::warn;
  const std::size_t before = std::exchange(entry.misses, told ? 0 : entry.misses + 1);
  if (entry.misses == kSilent) {
    log_report(LogLevel::warning, "report_missing", entry);
  } else if (told && before >= kSilent) {
    log_report(LogLevel::info, "report_back", entry);
  }
}

void Reconciler::refresh_health(std::size_t index) {
  for (std::size_t m = 0; m < config_.services[index].members.size(); ++m) {
    static_cast<void>(refresh_health(index, m));
  }
}

bool Reconciler::refresh_health(std::size_t index, std::size_t member) {
  MemberHealth& health = services_[index].health[member];
  const MemberHealth before =
      std::exchange(health, probes_.health(config_.services[index], index, member));
  if (health.state != before.state) {
    log_transition(index, member, before.state);
  }
  log_warnings(index, member, before);
  return health.state != before.state || health.healthy != before.healthy ||
         health.solid != before.solid || health.since != before.since ||
         health.withheld != before.withheld;
}

// Under other marks the last reports are the first ones: or whoever is withheld would be published
// until the next.
void Reconciler::observe_again(std::size_t index) {
  auto& demotion = services_[index].demotion;
  for (std::size_t m = 0; demotion && m < config_.services[index].members.size(); ++m) {
    const std::vector<std::size_t>& ids = probes_.report_ids(index, m);
    for (std::size_t rule = 0; rule < ids.size(); ++rule) {
      const auto& last = probes_.at(ids[rule]).last;
      if (last && !demotion->knows(rule, m)) {
        demotion->observe(rule, m, *last, now_);
      }
    }
  }
}

// Who is withheld now, by checks or by reports, whichever is the stronger reason.
void Reconciler::judge_reports(std::size_t index, std::span<const net::IpAddress> published_now) {
  const ServiceConfig& service = config_.services[index];
  ServiceRound& round = services_[index];
  if (round.demotion) {
    const std::set<net::IpAddress> in_zone(published_now.begin(), published_now.end());
    std::vector<MemberNow> members;
    std::vector<Withheld> waited;
    for (std::size_t m = 0; m < service.members.size(); ++m) {
      const bool there = in_zone.contains(service.members[m].address);
      members.push_back({.healthy = round.health[m].healthy,
                         .published = there || service.probes_only,
                         .drained = round.health[m].withheld.kind != Withheld::none});
      waited.push_back(round.demotion->waits(m).kind);
    }
    round.demotion->judge(members, now_);
    for (std::size_t m = 0; m < service.members.size(); ++m) {
      const Withholding& waits = round.demotion->waits(m);
      if (waits.kind != Withheld::none && waits.kind != waited[m]) {
        log_withholding("waits", index, m, waits);
      }
    }
  }
  for (std::size_t m = 0; m < service.members.size(); ++m) {
    Withholding withheld = round.health[m].withheld;
    if (round.demotion && round.demotion->of(m).kind > withheld.kind) {
      withheld = round.demotion->of(m);
    }
    const bool news = withheld.kind != round.withheld[m].kind;
    round.withheld[m] = std::move(withheld);
    if (news) {
      const Withholding& now = round.withheld[m];
      log_withholding(now.kind == Withheld::none ? "released" : "withheld", index, m, now);
    }
  }
}

bool Reconciler::service_settled(std::size_t index) const {
  // A service whose records could not be read is not probed to the end: nothing could follow from
  // it.
  if (!services_[index].error.empty()) {
    return true;
  }
  for (std::size_t m = 0; m < config_.services[index].members.size(); ++m) {
    const auto settled = [this](std::size_t id) { return probes_.settled(id); };
    if (!std::ranges::all_of(probes_.ids(index, m), settled) ||
        !std::ranges::all_of(probes_.report_ids(index, m), settled)) {
      return false;
    }
  }
  return true;
}

}  // namespace ronda::agent
