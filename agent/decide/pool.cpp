#include "agent/decide/pool.hpp"

#include <algorithm>
#include <tuple>

namespace ronda::agent {

namespace {

// Lowest tier of the entries that are asked about.
std::optional<int> lowest_tier(const Pool& pool, const auto& asked) {
  std::optional<int> lowest;
  for (const Pool::Entry& entry : pool.entries) {
    if (asked(entry) && (!lowest || entry.member->tier < *lowest)) {
      lowest = entry.member->tier;
    }
  }
  return lowest;
}

}  // namespace

Sorted sort_out(const ServiceConfig& service, std::span<const MemberView> views,
                std::span<const net::IpAddress> published,
                std::span<const net::IpAddress> retired) {
  Sorted sorted;
  sorted.pools.resize(service.families_apart ? 2 : 1);
  const auto pool_of = [&](const net::IpAddress& address) -> Pool& {
    return sorted.pools[service.families_apart && !address.is_v4() ? 1 : 0];
  };
  const Addresses present(published.begin(), published.end());
  Addresses configured(service.fallback.begin(), service.fallback.end());
  for (std::size_t i = 0; i < service.members.size(); ++i) {
    const Member& member = service.members[i];
    const bool is_published = present.contains(member.address);
    const bool healthy = views[i].solid ? views[i].healthy : is_published;
    const Withheld withheld = views[i].solid && healthy ? views[i].withheld.kind : Withheld::none;
    pool_of(member.address).entries.push_back({&member, views[i], is_published, healthy, withheld});
    configured.insert(member.address);
  }
  for (const net::IpAddress& address : service.fallback) {
    pool_of(address).fallback.push_back(address);
  }
  for (const net::IpAddress& address : present) {
    if (configured.contains(address)) {
      pool_of(address).ours.insert(address);
    } else if (std::ranges::find(retired, address) != retired.end()) {
      pool_of(address).ours.insert(address);
      pool_of(address).retired.insert(address);
    } else {
      sorted.foreign.insert(address);
    }
  }
  return sorted;
}

int members_of(const Pool& pool, int tier) {
  const auto in_tier = [tier](const Pool::Entry& entry) { return entry.member->tier == tier; };
  return static_cast<int>(std::ranges::count_if(pool.entries, in_tier));
}

int first_tier(const Pool& pool) {
  return lowest_tier(pool, [](const Pool::Entry&) { return true; }).value_or(1);
}

std::optional<int> serving_tier(const Pool& pool) {
  const auto stays = [](const Pool::Entry& entry) {
    return entry.healthy && !leaves_tier(entry.withheld);
  };
  const auto tier = lowest_tier(pool, stays);
  return tier ? tier : lowest_tier(pool, [](const Pool::Entry& entry) { return entry.healthy; });
}

std::vector<net::IpAddress> keepable(const Pool& pool) {
  std::vector<const Pool::Entry*> sick;
  for (const Pool::Entry& entry : pool.entries) {
    if (entry.published && !entry.healthy) {
      sick.push_back(&entry);
    }
  }
  const auto goes_first = [](const Pool::Entry* a, const Pool::Entry* b) {
    // Entries stand in one vector: of two equal ones the address in memory tells the config order.
    return a->view.since != b->view.since ? a->view.since > b->view.since : a < b;
  };
  std::ranges::sort(sick, goes_first);
  std::vector<net::IpAddress> order;
  for (const Pool::Entry* entry : sick) {
    order.push_back(entry->member->address);
  }
  order.insert(order.end(), pool.retired.begin(), pool.retired.end());
  return order;
}

std::vector<const Pool::Entry*> withheld_of(const Pool& pool, int tier) {
  std::vector<const Pool::Entry*> list;
  for (const Pool::Entry& entry : pool.entries) {
    if (entry.withheld != Withheld::none && entry.member->tier <= tier) {
      list.push_back(&entry);
    }
  }
  const auto goes_first = [](const Pool::Entry* a, const Pool::Entry* b) {
    return std::tuple(a->withheld, !a->published, a->view.since, a) <
           std::tuple(b->withheld, !b->published, b->view.since, b);
  };
  std::ranges::sort(list, goes_first);
  return list;
}

}  // namespace ronda::agent
