#include "agent/health/member_health.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace ronda::agent {
namespace {

// Best first; what can be published before what cannot. Of n checks that must pass, the n-th best
// is the state of the member: the worst of all under `all`, the best under `any`.
//
//   may be published:  UP  FALLING  STALE  INIT   (STALE and INIT of a check that was or is held
//   healthy) may not:           INIT  STALE  HELD  RISING  DOWN
int rank(const Tracker& tracker) {
  const bool healthy = tracker.healthy();
  switch (tracker.state()) {
    case HealthState::up:
      return 0;
    case HealthState::falling:
      return 1;
    case HealthState::stale:
      return healthy ? 2 : 5;
    case HealthState::init:
      return healthy ? 3 : 4;
    case HealthState::held:
      return 6;
    case HealthState::rising:
      return 7;
    case HealthState::down:
      return 8;
  }
  return 8;
}

bool judged(const Tracker& tracker) {
  return tracker.solid() && tracker.state() != HealthState::stale;
}

std::size_t needed_of(const Require& require, std::size_t count) {
  if (std::holds_alternative<RequireAny>(require)) {
    return 1;
  }
  if (const int* number = std::get_if<int>(&require)) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, *number)), 1, count);
  }
  return count;
}

// Would the member pass if every check that is not judged were to say `guess`?
bool passes(const Member& member, std::span<const Tracker* const> trackers,
            const std::vector<std::size_t>& local, std::size_t needed, bool guess) {
  std::size_t good = 0;
  for (const std::size_t i : local) {
    const bool healthy = judged(*trackers[i]) ? trackers[i]->healthy() : guess;
    if (healthy) {
      ++good;
    }
    if (!healthy && member.checks[i].critical) {
      return false;
    }
  }
  return good >= needed;
}

}  // namespace

MemberHealth combine(const Member& member, const Require& require,
                     std::span<const Tracker* const> trackers) {
  assert(trackers.size() == member.checks.size());
  std::vector<std::size_t> local;
  for (std::size_t i = 0; i < member.checks.size(); ++i) {
    if (member.checks[i].scope == Scope::local) {
      local.push_back(i);
    }
  }
  if (local.empty()) {
    return {.state = HealthState::up, .healthy = true, .solid = true, .deciding = 0, .since = {}};
  }

  const std::size_t needed = needed_of(require, local.size());
  std::vector<std::size_t> best_first = local;
  std::ranges::sort(best_first, {},
                    [&](std::size_t i) { return std::pair(rank(*trackers[i]), i); });
  int deciding_rank = rank(*trackers[best_first[needed - 1]]);
  bool by_critical = false;
  for (const std::size_t i : local) {
    const int critical_rank = rank(*trackers[i]);
    if (!member.checks[i].critical || trackers[i]->healthy() || critical_rank < deciding_rank) {
      continue;
    }
    deciding_rank = critical_rank;
    by_critical = true;
  }

  const auto decides = [&](std::size_t i) {
    return rank(*trackers[i]) == deciding_rank && (!by_critical || member.checks[i].critical);
  };
  MemberHealth health;
  health.deciding = *std::ranges::find_if(local, decides);
  const Tracker& tracker = *trackers[health.deciding];
  health.state = tracker.state();
  health.healthy = tracker.healthy();
  health.solid = passes(member, trackers, local, needed, true) ==
                 passes(member, trackers, local, needed, false);
  const auto draining =
      std::ranges::find_if(local, [&](std::size_t i) { return trackers[i]->drained(); });
  if (health.healthy && draining != local.end()) {
    health.withheld = {
        .kind = Withheld::drained,
        .why = "check " + member.checks[*draining].name + " answers with its drain_status"};
  }
  health.since = tracker.since();
  // Sick since the first of several failed; well since the last of several came up.
  for (const std::size_t i : local) {
    if (!decides(i)) {
      continue;
    }
    const net::SteadyTime since = trackers[i]->since();
    health.since = health.healthy ? std::max(health.since, since) : std::min(health.since, since);
  }
  return health;
}

}  // namespace ronda::agent
