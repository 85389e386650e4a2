// The health of one member (one address of one replica) from the trackers of its checks: all, any
// or N must pass; a dependency check only warns; a critical one decides by its failure alone. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/tracker.hpp"
#include "agent/health/withheld.hpp"

namespace ronda::agent {

struct MemberHealth {
  HealthState state = HealthState::init;
  bool healthy = false;      // may be published
  bool solid = false;        // neither INIT nor STALE in a check that matters
  Withholding withheld{};    // drained by one of its checks
  std::size_t deciding = 0;  // index of the check that explains the state
  net::SteadyTime since{};   // of the state
  // Indices of the checks whose last word warns or that are DOWN, deciding or not; not filled by
  // combine(), which sees no results.
  std::vector<std::size_t> warnings{};
};

// `trackers[i]` belongs to `member.checks[i]`. A member without checks is healthy and solid.
MemberHealth combine(const Member& member, const Require& require,
                     std::span<const Tracker* const> trackers);

}  // namespace ronda::agent
