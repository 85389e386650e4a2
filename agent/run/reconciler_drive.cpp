#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/decide/planner.hpp"
#include "agent/run/reconciler.hpp"

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;

// Two UPDATEs of one zone start at least this far apart, so that what falls due together goes
// together.
constexpr net::Duration kWriteGap = 100ms;
// The next UPDATE waits for the answer to the last one, but not for ever: one that waits for a
// stopped primary or a signed copy that lags must not delay other services.
constexpr net::Duration kPatience = 1s;
constexpr std::size_t kFlights = 8;

}  // namespace

void Reconciler::drive() {
  for (std::size_t zone = 0; zone < zones_.size(); ++zone) {
    drive_zone(zone);
  }
  const bool asked = std::ranges::all_of(
      zones_, [](const ZoneRound& zone) { return zone.asked || zone.services.empty(); });
  if (asked && !started_) {
    started_ = true;
    // Without a zone to start from, a one-shot run has nothing to decide.
    actions_.emplace_back(StartProbes{});
    if (!one_shot()) {
      next_save_ = now_ + save_period_;
    }
  }
  if (one_shot()) {
    settle();
  }
}

void Reconciler::drive_zone(std::size_t index) {
  ZoneRound& zone = zones_[index];
  if (zone.services.empty() || zone.reading) {
    return;
  }
  const auto due = write_due_at(zone);
  if (due && *due <= now_) {
    start_write(index);
    return;
  }
  if (!zone.flights.empty()) {
    return;
  }
  const bool look_due = !zone.looks.empty() && *zone.looks.begin() <= now_;
  const bool read_due = one_shot() ? !zone.asked : look_due || zone.next_read <= now_;
  if (!read_due) {
    return;
  }
  zone.looks.erase(zone.looks.begin(), zone.looks.upper_bound(now_));
  zone.reading = true;
  ReadRrsets read{.zone = index, .keys = {}};
  for (const std::size_t service : zone.services) {
    read.keys.insert(read.keys.end(), services_[service].keys.begin(),
                     services_[service].keys.end());
  }
  actions_.emplace_back(std::move(read));
}

// One-shot: everything a zone will need goes out together, when its last service has been judged.
bool Reconciler::waits_for_verdicts(const ZoneRound& zone) const {
  return one_shot() && !std::ranges::all_of(zone.services, [this](std::size_t service) {
           return service_settled(service);
         });
}

bool Reconciler::may_go(const ServiceRound& round) const {
  return round.due && !round.in_flight;
}

std::optional<net::SteadyTime> Reconciler::write_due_at(const ZoneRound& zone) const {
  if (waits_for_verdicts(zone) || zone.flights.size() >= kFlights) {
    return std::nullopt;
  }
  std::optional<net::SteadyTime> first;
  for (const std::size_t service : zone.services) {
    const ServiceRound& round = services_[service];
    if (may_go(round)) {
      const net::SteadyTime due = std::max(*round.due, round.blocked_until.value_or(*round.due));
      first = first ? std::min(*first, due) : due;
    }
  }
  if (first && zone.last_write) {
    first = std::max(*first, *zone.last_write + (zone.flights.empty() ? kWriteGap : kPatience));
  }
  return first;
}

void Reconciler::start_write(std::size_t index) {
  ZoneRound& zone = zones_[index];
  WriteRrsets write{.zone = index, .flight = next_flight_++, .changes = {}};
  Flight flight{.id = write.flight};
  for (const std::size_t service : zone.services) {
    ServiceRound& round = services_[service];
    if (!may_go(round) || (round.blocked_until && *round.blocked_until > now_)) {
      continue;
    }
    const auto changes = plan_changes(config_.services[service], round.observed, round.target);
    write.changes.insert(write.changes.end(), changes.begin(), changes.end());
    flight.services.push_back(service);
    round.in_flight = true;
    round.due.reset();
    log(LogLevel::info, "wanted",
        {{"service", config_.services[service].id}, {"reason", round.decision->reason}});
  }
  assert(!write.changes.empty());
  flight.changes = write.changes;
  zone.flights.push_back(std::move(flight));
  zone.last_write = now_;
  actions_.emplace_back(std::move(write));
}

// A one-shot run is over when every service has been judged or cannot be, and nothing is on its
// way.
void Reconciler::settle() {
  if (settled_ || !started_) {
    return;
  }
  for (const ZoneRound& zone : zones_) {
    if (zone.reading || !zone.flights.empty()) {
      return;
    }
  }
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const ServiceRound& round = services_[i];
    const bool can_be_judged = config_.services[i].probes_only || round.error.empty();
    const bool waits_to_write = round.due && !round.blocked_until;
    if (can_be_judged && (!service_settled(i) || waits_to_write)) {
      return;
    }
  }
  settled_ = true;
  save(false);
  actions_.emplace_back(Settled{});
}

bool Reconciler::writing() const {
  return std::ranges::any_of(zones_, [](const ZoneRound& zone) { return !zone.flights.empty(); });
}

std::optional<net::SteadyTime> Reconciler::next_wakeup() const {
  std::optional<net::SteadyTime> next;
  const auto consider = [&](net::SteadyTime time) { next = next ? std::min(*next, time) : time; };
  for (const ZoneRound& zone : zones_) {
    if (zone.services.empty() || zone.reading) {
      continue;
    }
    if (!one_shot() && zone.flights.empty()) {
      consider(zone.next_read);
      if (!zone.looks.empty()) {
        consider(*zone.looks.begin());
      }
    }
    if (const auto due = write_due_at(zone)) {
      consider(*due);
    }
  }
  for (const ServiceRound& round : services_) {
    // One that is past waits for the zone to be read again, as the decision does.
    const auto change = round.demotion ? round.demotion->next_change() : std::nullopt;
    if (change && *change > now_ && !one_shot()) {
      consider(*change);
    }
    if (round.held_until && !one_shot()) {
      consider(*round.held_until);
    }
  }
  const bool settling = std::ranges::any_of(services_, [](const ServiceRound& round) {
    return round.decision && round.decision->settling;
  });
  if (!one_shot() && settling && !grace_over()) {
    consider(grace_until_);
  }
  if (next_save_) {
    consider(*next_save_);
  }
  return next;
}

}  // namespace ronda::agent
