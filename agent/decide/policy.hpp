// What should stand in the zone for one service, from the health of its members and what stands
// there now. A pure function; the truth table:
//
//   members healthy             | wanted (ours)
//   ----------------------------+------------------------------------------------------------
//   any not judged, no grace    | as published ("settling")
//   some tier has healthy ones  | the healthy ones of the lowest such tier that are not withheld;
//                               | while they are fewer than min_healthy, up to exactly that:
//                               | first healthy ones that are withheld, of that tier or a better
//                               | one, then published sick ones that were healthy longest
//   in every tier only drained  | the same of the lowest tier that has drained ones
//   none, keep                  | as published
//   none, all                   | every member
//   none, fallback              | the fallback addresses
//   none, none                  | nothing
//
// Withheld (withheld.hpp) means something for healthy, judged members only. Drained and refused
// ones do not count for "has healthy ones": the next tier takes over from them. Hot and stale ones
// do: a load opens no other tier. Of the withheld the hot go back first, then the stale, the
// drained last; of equals the published first, then the longest healthy, then config order.
//
// Foreign addresses stay (foreign: keep) or go, but never as the last record. An address that is no
// longer configured but was put there by us (`retired`) goes under the same rule. families_apart
// judges A and AAAA each for itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/withheld.hpp"
#include "agent/ops/snapshot.hpp"
#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent {

struct MemberView {
  bool healthy = false;
  bool solid = false;       // judged
  net::SteadyTime since{};  // of its present state: of two sick ones, the later was healthy longer
  Withholding withheld{};
};

struct Decision {
  std::vector<net::IpAddress> wanted{};   // whole sets of both families, foreign included, sorted
  std::vector<net::IpAddress> foreign{};  // of what is published, sorted
  ServiceState state = ServiceState::unknown;
  bool settling = false;  // a verdict is missing and grace has not run out
  int healthy = 0;        // healthy members in the tier in service, withheld ones included
  int required = 1;       // min_healthy as a number
  std::string reason{};   // one sentence with its numbers
  friend bool operator==(const Decision&, const Decision&) = default;
};

// `views[i]` belongs to `service.members[i]`. `published` is everything at the owner, both
// families.
Decision decide(const ServiceConfig& service, std::span<const MemberView> views,
                std::span<const net::IpAddress> published, std::span<const net::IpAddress> retired,
                bool grace_over);

}  // namespace ronda::agent
