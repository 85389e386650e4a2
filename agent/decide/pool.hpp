// The members of one service that are judged together, and what is published of theirs: all, or one
// family's. Pure questions about them; what follows is the policy's.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/decide/policy.hpp"
#include "agent/health/withheld.hpp"
#include "net/address.hpp"

namespace ronda::agent {

using Addresses = std::set<net::IpAddress>;

struct Pool {
  struct Entry {
    const Member* member = nullptr;
    MemberView view{};
    bool published = false;
    bool healthy = false;  // the view's where it is judged, else as published
    Withheld withheld = Withheld::none;
  };
  std::vector<Entry> entries{};  // config order
  Addresses ours{};              // published, put there by us: members, fallback, retired
  Addresses retired{};           // published, no longer configured
  std::vector<net::IpAddress> fallback{};
};

// What one service falls into: two pools (A, AAAA) where families are apart, else one.
struct Sorted {
  std::vector<Pool> pools{};
  Addresses foreign{};
};

// Splits members and published addresses. The pools point into `service`.
Sorted sort_out(const ServiceConfig& service, std::span<const MemberView> views,
                std::span<const net::IpAddress> published, std::span<const net::IpAddress> retired);

int members_of(const Pool& pool, int tier);
// 1 where there are no members.
int first_tier(const Pool& pool);
// The tier in service: the lowest with a healthy member that has not asked to be left alone, else
// the lowest with a healthy one.
std::optional<int> serving_tier(const Pool& pool);
// Published records that cannot serve, in the order in which they are kept: the one that was
// healthy longest first, then config order; what is no longer configured last.
std::vector<net::IpAddress> keepable(const Pool& pool);
// Healthy members that are withheld, of `tier` or a better one, in the order in which they are
// called back.
std::vector<const Pool::Entry*> withheld_of(const Pool& pool, int tier);

}  // namespace ronda::agent
