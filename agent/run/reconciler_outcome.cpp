#include <algorithm>
#include <utility>

#include "agent/decide/planner.hpp"
#include "agent/run/reconciler.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;

constexpr int kConflictsAtOnce = 5;  // re-planned at once; then it is a failure like others
constexpr net::Duration kConflictSpread = 50ms;
constexpr net::Duration kBackoffFirst = 1s;
constexpr net::Duration kBackoffLast = 60s;
// RFC 8945: a primary takes what we have signed for 300 s.
constexpr std::array<net::Duration, 4> kLooks = {1s, 5s, 30s, 300s};

// Somewhere in [0, width], by the clock's last digits: two agents that fail together do not come
// again together.
net::Duration spread(net::Duration width, net::SteadyTime now) {
  auto bits = static_cast<std::uint64_t>(now.time_since_epoch().count());
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  const auto share = static_cast<net::Duration::rep>((bits ^ (bits >> 31U)) % 1024U);
  return width * share / 1023;
}

UpdateKind to_update_kind(dnsupdate::OutcomeKind kind) {
  switch (kind) {
    case dnsupdate::OutcomeKind::applied:
      return UpdateKind::applied;
    case dnsupdate::OutcomeKind::unchanged:
      return UpdateKind::unchanged;
    case dnsupdate::OutcomeKind::conflict:
      return UpdateKind::conflict;
    case dnsupdate::OutcomeKind::rejected:
      return UpdateKind::rejected;
    case dnsupdate::OutcomeKind::unknown:
      return UpdateKind::unknown;
  }
  return UpdateKind::unknown;
}

}  // namespace

void Reconciler::on(const ZoneWritten& event) {
  ZoneRound& zone = zones_[event.zone];
  const auto place = std::ranges::find(zone.flights, event.flight, &Flight::id);
  if (place == zone.flights.end()) {
    return;
  }
  const Flight flight = std::move(*place);
  zone.flights.erase(place);
  for (const dnsupdate::MessageOutcome& message : event.report.messages) {
    if (!one_shot()) {
      zone.updates.clear();
    }
    zone.updates.push_back(
        {.zone = config_.zones[event.zone].zone.to_string(), .message = message});
    log_update(event.zone, message);
  }
  remember_written(flight, event.report);
  for (const std::size_t index : flight.services) {
    ServiceRound& round = services_[index];
    round.in_flight = false;
    std::optional<dnsupdate::Outcome> worst;
    for (const dnsupdate::RrsetOutcome& one : event.report.rrsets) {
      const auto key = std::ranges::find(round.keys, one.key);
      if (key == round.keys.end()) {
        continue;
      }
      if (one.observed) {
        round.observed[static_cast<std::size_t>(key - round.keys.begin())] = *one.observed;
      }
      // The kinds are declared from best to worst.
      if (!worst || one.outcome.kind > worst->kind) {
        worst = one.outcome;
      }
    }
    if (worst) {
      finish_write(index, *worst, event.zone);
    }
    watch_duels(index);
    reconsider(index);
  }
  if (!one_shot()) {
    save(false);
  }
}

net::Duration Reconciler::backoff(int failures) const {
  net::Duration wait = kBackoffFirst;
  for (int i = 1; i < failures && wait < kBackoffLast; ++i) {
    wait *= 2;
  }
  wait = std::min(wait, kBackoffLast);
  // Up to a quarter more, at the end less.
  return wait < kBackoffLast ? std::min(wait + spread(wait / 4, now_), kBackoffLast)
                             : wait - spread(wait / 4, now_);
}

void Reconciler::finish_write(std::size_t index, const dnsupdate::Outcome& outcome,
                              std::size_t zone) {
  ServiceRound& round = services_[index];
  round.due.reset();
  round.update = {.kind = to_update_kind(outcome.kind), .outcome = outcome};
  if (outcome.kind == dnsupdate::OutcomeKind::applied ||
      outcome.kind == dnsupdate::OutcomeKind::unchanged) {
    round.failures = 0;
    round.blocked_until.reset();
    return;
  }
  ++round.failures;
  if (outcome.kind == dnsupdate::OutcomeKind::conflict && round.failures <= kConflictsAtOnce) {
    // The report brought the fresh records. From the second time on not in step with the other
    // writer.
    round.blocked_until.reset();
    if (!one_shot()) {
      round.blocked_until = now_ + spread(kConflictSpread * (round.failures - 1), now_);
    }
    return;
  }
  if (outcome.kind == dnsupdate::OutcomeKind::unknown) {
    look_again(zone);
  }
  // Before the next try the zone is read again, so that it is planned from what is true by then.
  round.blocked_until = now_ + backoff(round.failures);
  zones_[zone].next_read = std::min(zones_[zone].next_read, *round.blocked_until);
}

void Reconciler::look_again(std::size_t zone) {
  if (one_shot()) {
    return;
  }
  for (const net::Duration delay : kLooks) {
    zones_[zone].looks.insert(std::chrono::ceil<std::chrono::seconds>(now_ + delay));
  }
}

// What we have made of the zone, for the eye on duels.
void Reconciler::remember_written(const Flight& flight, const dnsupdate::UpdateReport& report) {
  for (std::size_t i = 0; i < flight.changes.size() && i < report.rrsets.size(); ++i) {
    if (report.rrsets[i].outcome.kind != dnsupdate::OutcomeKind::applied) {
      continue;
    }
    const dnsupdate::RrsetChange& change = flight.changes[i];
    for (const std::size_t index : flight.services) {
      ServiceRound& round = services_[index];
      if (std::ranges::find(round.keys, change.observed.key) == round.keys.end()) {
        continue;
      }
      dnsupdate::RrSet records{.key = change.observed.key};
      records.data = dnsupdate::added_records(change);
      for (const net::IpAddress& address : addresses({&records, 1})) {
        round.duels.wrote(address, true, now_);
      }
      records.data = dnsupdate::removed_records(change);
      for (const net::IpAddress& address : addresses({&records, 1})) {
        round.duels.wrote(address, false, now_);
      }
    }
  }
}

void Reconciler::watch_duels(std::size_t index) {
  ServiceRound& round = services_[index];
  for (const Duel& duel : round.duels.observe(published(round), now_)) {
    log_duel(index, duel);
  }
}

void Reconciler::restrain(std::size_t index) {
  const ServiceConfig& service = config_.services[index];
  ServiceRound& round = services_[index];
  const std::vector<net::IpAddress> there = published(round);
  std::vector<net::IpAddress> sick;
  std::vector<net::IpAddress> ours = service.fallback;
  for (std::size_t m = 0; m < service.members.size(); ++m) {
    ours.push_back(service.members[m].address);
    if (!round.health[m].healthy) {
      sick.push_back(service.members[m].address);
    }
  }
  DuelAnswer answer = round.duels.restrain({.there = there,
                                            .wanted = round.decision->wanted,
                                            .sick = sick,
                                            .ours = ours,
                                            .required = round.decision->required},
                                           now_);
  round.target = std::move(answer.wanted);
  round.held_until = answer.again_at;
}

}  // namespace ronda::agent
