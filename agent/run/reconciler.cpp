#include "agent/run/reconciler.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/decide/planner.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;

// A removal goes at once, an addition waits this long for company.
constexpr net::Duration kAdditionWait = 1s;
// Reports in a row before a mark counts as passed; a one-shot run has one of each and no more.
constexpr int kSamples = 3;

bool removes(const std::vector<dnsupdate::RrsetChange>& changes) {
  return std::ranges::any_of(changes, [](const dnsupdate::RrsetChange& change) {
    return std::ranges::any_of(change.observed.data, [&](const dnsupdate::Rdata& rdata) {
      return !change.wanted.contains(rdata);
    });
  });
}

}  // namespace

Reconciler::Reconciler(Config config, SavedState saved, Purpose purpose, net::SteadyTime now,
                       net::WallTime wall)
    : config_(std::move(config)),
      saved_(std::move(saved)),
      purpose_(purpose),
      probes_(config_, now),
      services_(config_.services.size()),
      zones_(config_.zones.size()),
      now_(now),
      wall_(wall),
      anchor_(now),
      anchor_wall_(wall),
      grace_until_(now + config_.grace),
      save_period_(10s) {
  for (std::size_t i = 0; i < config_.services.size(); ++i) {
    const ServiceConfig& service = config_.services[i];
    ServiceRound& round = services_[i];
    round.health.resize(service.members.size());
    round.withheld.resize(service.members.size());
    if (!service.demotions.empty()) {
      round.demotion.emplace(service, one_shot() ? 1 : kSamples);
    }
    if (service.probes_only) {
      continue;
    }
    zones_[service.zone].services.push_back(i);
    round.keys = rrset_keys(service);
    const auto managed = saved_.managed.find(service.id);
    if (managed != saved_.managed.end()) {
      retire(i, {managed->second.begin(), managed->second.end()});
    }
  }
  for (ZoneRound& zone : zones_) {
    zone.next_read = now;
  }
  for (std::size_t id = 0; id < probes_.size(); ++id) {
    save_period_ = std::min(save_period_, probes_.at(id).check.timing.interval);
  }
  save_period_ = std::max(save_period_, net::Duration(1s));
  for (std::size_t i = 0; i < services_.size(); ++i) {
    refresh_health(i);
  }
  actions_.clear();
}

void Reconciler::carry(const Reconciler& old) {
  probes_.carry(old.probes_);
  for (std::size_t i = 0; i < config_.services.size(); ++i) {
    for (std::size_t j = 0; j < old.config_.services.size(); ++j) {
      if (old.config_.services[j].id != config_.services[i].id) {
        continue;
      }
      std::set<net::IpAddress> ours(services_[i].retired.begin(), services_[i].retired.end());
      ours.insert(old.services_[j].retired.begin(), old.services_[j].retired.end());
      for (const Member& member : old.config_.services[j].members) {
        ours.insert(member.address);
      }
      ours.insert(old.config_.services[j].fallback.begin(), old.config_.services[j].fallback.end());
      retire(i, {ours.begin(), ours.end()});
      if (services_[i].demotion && old.services_[j].demotion) {
        services_[i].demotion->carry(*old.services_[j].demotion);
      }
      carry_withheld(i, old, j);
      services_[i].update = old.services_[j].update;
      services_[i].duels = old.services_[j].duels;
    }
    refresh_health(i);
    observe_again(i);
  }
  for (std::size_t i = 0; i < zones_.size(); ++i) {
    for (std::size_t j = 0; j < old.zones_.size(); ++j) {
      if (old.config_.zones[j].id == config_.zones[i].id) {
        zones_[i].looks = old.zones_[j].looks;
      }
    }
  }
  actions_.clear();
}

// What was said of a replica is not news again.
void Reconciler::carry_withheld(std::size_t index, const Reconciler& old, std::size_t was) {
  const std::vector<Member>& before = old.config_.services[was].members;
  for (std::size_t m = 0; m < config_.services[index].members.size(); ++m) {
    const auto same =
        std::ranges::find(before, config_.services[index].members[m].address, &Member::address);
    if (same != before.end()) {
      services_[index].withheld[m] =
          old.services_[was].withheld[static_cast<std::size_t>(same - before.begin())];
    }
  }
}

// Addresses that are ours by memory. One of a family the service has left since means one more
// RRset to read, or it could never be taken out.
void Reconciler::retire(std::size_t index, std::vector<net::IpAddress> ours) {
  ServiceRound& round = services_[index];
  for (const net::IpAddress& address : ours) {
    const dnsupdate::RrsetKey key{.owner = config_.services[index].name,
                                  .type = to_rdata(address).type()};
    if (!config_.services[index].probes_only &&
        std::ranges::find(round.keys, key) == round.keys.end()) {
      round.keys.push_back(key);
    }
  }
  round.retired = std::move(ours);
}

std::vector<Action> Reconciler::step(const Event& event, net::SteadyTime now, net::WallTime wall) {
  now_ = now;
  wall_ = wall;
  std::visit([this](const auto& one) { on(one); }, event);
  drive();
  return std::exchange(actions_, {});
}

void Reconciler::on(const Tick&) {
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const bool waited_for_grace = services_[i].decision && services_[i].decision->settling;
    const bool held = services_[i].held_until && *services_[i].held_until <= now_;
    const auto& demotion = services_[i].demotion;
    const bool expired = demotion && demotion->next_change() && *demotion->next_change() <= now_;
    if (held || expired || (waited_for_grace && grace_over())) {
      services_[i].held_until.reset();
      reconsider(i);
    }
  }
  if (next_save_ && *next_save_ <= now_) {
    save(true);
  }
}

void Reconciler::on(const LoopGap&) {
  for (std::size_t id = 0; id < probes_.size(); ++id) {
    probes_.at(id).tracker.forget_progress();
  }
  for (ServiceRound& round : services_) {
    if (round.demotion) {
      round.demotion->forgive(now_);
    }
  }
  grace_until_ = now_ + config_.grace;
  log(LogLevel::warning, "loop_gap", {});
}

void Reconciler::on(const ProbesFinished& event) {
  std::set<std::size_t> to_decide;
  bool to_save = false;
  for (const ProbeFinished& one : event.results) {
    to_save = take(one, to_decide) || to_save;
  }
  for (const std::size_t service : to_decide) {
    reconsider(service);
  }
  if (to_save && !one_shot()) {
    save(false);
  }
}

void Reconciler::on(const ZoneRead& event) {
  ZoneRound& zone = zones_[event.zone];
  zone.reading = false;
  bool readable = true;
  std::string detail;
  std::size_t next = 0;
  for (const std::size_t index : zone.services) {
    ServiceRound& round = services_[index];
    round.error.clear();
    std::vector<dnsupdate::RrSet> observed;
    for (std::size_t i = 0; i < round.keys.size(); ++i) {
      const dnsupdate::ReadResult& result = event.results.at(next++);
      if (result) {
        observed.push_back(*result);
        continue;
      }
      round.error = result.error().detail;
      const auto kind = result.error().kind;
      // An alias or a referral is a fault of this service; the zone itself was read.
      if (kind != dnsupdate::ReadFaultKind::alias && kind != dnsupdate::ReadFaultKind::referral) {
        readable = false;
        detail = result.error().detail;
      }
    }
    if (round.error.empty()) {
      round.observed = std::move(observed);
      round.read = true;
      watch_duels(index);
    }
  }
  const bool first = !std::exchange(zone.asked, true);
  if (readable != zone.readable || (first && !readable)) {
    const std::string& id = config_.zones[event.zone].id;
    if (readable) {
      log(LogLevel::info, "zone_readable", {{"zone", id}});
    } else {
      log(LogLevel::error, "zone_unreadable", {{"zone", id}, {"detail", detail}});
    }
  }
  zone.readable = readable;
  zone.read_failures = readable ? 0 : zone.read_failures + 1;
  const net::Duration period = config_.zones[event.zone].reconcile;
  zone.next_read = now_ + (readable ? period : std::min(period, backoff(zone.read_failures)));
  if (!started_) {
    const bool all = std::ranges::all_of(
        zones_, [](const ZoneRound& one) { return one.asked || one.services.empty(); });
    if (!all) {
      return;
    }
  }
  seed_probes();
  for (std::size_t i = 0; i < services_.size(); ++i) {
    if (!started_ || config_.services[i].zone == event.zone) {
      refresh_health(i);
      reconsider(i);
    }
  }
}

void Reconciler::reconsider(std::size_t index) {
  const ServiceConfig& service = config_.services[index];
  ServiceRound& round = services_[index];
  if (!service.probes_only && (!round.read || !round.error.empty())) {
    return;
  }
  const bool judged = one_shot() ? service_settled(index) : false;
  const std::vector<net::IpAddress> there = published(round);
  if (!one_shot() || judged) {  // one report after the other would take out whoever comes first
    judge_reports(index, there);
  }
  std::vector<MemberView> views;
  const bool comparable = probes_.comparable(service, index);
  for (std::size_t m = 0; m < round.health.size(); ++m) {
    const MemberHealth& health = round.health[m];
    views.push_back(
        {.healthy = health.healthy,
         // Who is down waits for no report: it would be held in the zone meanwhile.
         .solid = health.solid && (!health.healthy || (comparable && probes_.reported(index, m))),
         .since = health.since,
         .withheld = round.withheld[m]});
  }
  Decision decision =
      decide(service, views, there, round.retired, one_shot() ? judged : grace_over());
  const bool fresh = !round.decision || round.decision->wanted != decision.wanted;
  round.decision = std::move(decision);
  if (service.probes_only) {
    return;
  }
  restrain(index);
  const auto changes = plan_changes(service, round.observed, round.target);
  round.pending_text.clear();
  if (changes.empty() || round.decision->settling || (one_shot() && !judged)) {
    round.due.reset();
    if (round.update.kind == UpdateKind::skipped) {
      round.update = {};
    }
    return;
  }
  if (!may_write(service)) {
    const bool news = round.update.kind != UpdateKind::skipped || fresh;
    round.update = {.kind = UpdateKind::skipped, .outcome = {}};
    round.update.outcome.detail =
        purpose_ == Purpose::plan ? "plan never writes" : "mode is observe: nothing is written";
    round.pending_text = dnsupdate::to_nsupdate_text(config_.zones[service.zone].zone, changes);
    if (news) {
      log(LogLevel::info, "would_update",
          {{"service", service.id}, {"reason", round.decision->reason}});
    }
    return;
  }
  const net::SteadyTime due = one_shot() || removes(changes) ? now_ : now_ + kAdditionWait;
  round.due = round.due ? std::min(*round.due, due) : due;
}

bool Reconciler::may_write(const ServiceConfig& service) const {
  return purpose_ != Purpose::plan && config_.mode == WriteMode::enforce &&
         service.mode == WriteMode::enforce;
}

std::vector<net::IpAddress> Reconciler::published(const ServiceRound& round) const {
  return round.read ? addresses(round.observed) : std::vector<net::IpAddress>{};
}

}  // namespace ronda::agent
