#include "agent/decide/policy.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "agent/decide/pool.hpp"

namespace ronda::agent {
namespace {

struct Verdict {
  Addresses wanted{};  // ours only
  ServiceState state = ServiceState::unknown;
  bool settling = false;
  int healthy = 0;
  int required = 1;
  std::string reason{};
};

std::string join(const auto& addresses) {
  std::string text;
  for (const net::IpAddress& address : addresses) {
    if (!text.empty()) {
      text += ", ";
    }
    text += address.to_string();
  }
  return text;
}

std::string healthy_of(int healthy, int count) {
  return std::to_string(healthy) + " of " + std::to_string(count) + " healthy";
}

int required_of(const MinHealthy& min_healthy, int members) {
  if (!min_healthy.percent) {
    return std::max(0, min_healthy.count);
  }
  return static_cast<int>((std::int64_t{std::clamp(min_healthy.count, 0, 100)} * members + 99) /
                          100);
}

// Who is withheld, or would be, and why; "" when nobody is.
std::string withheld_text(const Pool& pool, const Addresses& wanted) {
  std::string text;
  for (const Pool::Entry& entry : pool.entries) {
    if (entry.withheld == Withheld::none) {
      continue;
    }
    const bool serves = wanted.contains(entry.member->address);
    text += "; " + entry.member->replica +
            (serves ? " serves although " + std::string(to_string(entry.withheld)) : " withheld");
    text += entry.view.withheld.why.empty() ? "" : ": " + entry.view.withheld.why;
  }
  return text;
}

Verdict serve(const ServiceConfig& service, const Pool& pool, int tier) {
  const int first = first_tier(pool);
  const int count = members_of(pool, tier);
  Verdict verdict;
  verdict.required = required_of(service.min_healthy, count);
  for (const Pool::Entry& entry : pool.entries) {
    if (!entry.healthy || entry.member->tier != tier) {
      continue;
    }
    ++verdict.healthy;
    if (entry.withheld == Withheld::none) {
      verdict.wanted.insert(entry.member->address);
    }
  }
  // No tier is served by nobody: one is called back also where min_healthy is 0.
  const int least = std::max(verdict.required, 1);
  for (const Pool::Entry* entry : withheld_of(pool, tier)) {
    if (std::cmp_less(verdict.wanted.size(), least)) {
      verdict.wanted.insert(entry->member->address);
    }
  }
  verdict.healthy = std::max(verdict.healthy, static_cast<int>(verdict.wanted.size()));
  std::vector<net::IpAddress> kept = keepable(pool);
  const int missing = std::max(0, verdict.required - verdict.healthy);
  kept.resize(std::min(kept.size(), static_cast<std::size_t>(missing)));
  verdict.wanted.insert(kept.begin(), kept.end());

  // What is not judged is held, but nobody should take it for well. Who asked to be drained is.
  const auto well = [](const Pool::Entry& entry) {
    return entry.healthy && entry.view.solid &&
           (entry.withheld == Withheld::none || entry.withheld == Withheld::drained);
  };
  const auto judged = [](const Pool::Entry& entry) { return entry.view.solid; };
  if (std::ranges::none_of(pool.entries, judged)) {
    verdict.state = ServiceState::unknown;
  } else if (verdict.healthy < verdict.required) {
    verdict.state = ServiceState::down;
  } else {
    verdict.state =
        std::ranges::all_of(pool.entries, well) ? ServiceState::ok : ServiceState::degraded;
  }

  const std::string share = healthy_of(verdict.healthy, count);
  const std::string floor = "min_healthy " + std::to_string(verdict.required);
  if (tier == first) {
    verdict.reason = share + (missing == 0 ? " in tier " + std::to_string(tier) : "");
  } else {
    const auto able = [&](const Pool::Entry& entry) {
      return entry.healthy && entry.member->tier == first;
    };
    const bool drained = std::ranges::any_of(pool.entries, able);
    verdict.reason = "tier " + std::to_string(first) +
                     (drained ? " is drained" : " has none healthy") + ", serving tier " +
                     std::to_string(tier) + " (" + share + ")";
  }
  if (missing > 0) {
    verdict.reason += ", " + floor;
    if (kept.empty() || service.probes_only) {
      verdict.reason += " is not reached";
    } else {
      verdict.reason +=
          ": " + join(kept) + (kept.size() == 1 ? " stays although down" : " stay although down");
    }
  }
  verdict.reason += withheld_text(pool, verdict.wanted);
  return verdict;
}

Verdict all_down(const ServiceConfig& service, const Pool& pool) {
  Verdict verdict;
  verdict.required = required_of(service.min_healthy, members_of(pool, first_tier(pool)));
  std::size_t judged = 0;
  for (const Pool::Entry& entry : pool.entries) {
    judged += entry.view.solid ? 1 : 0;
  }
  verdict.state = judged == 0 ? ServiceState::unknown : ServiceState::down;
  const std::string count = std::to_string(pool.entries.size());
  verdict.reason = judged == pool.entries.size() ? "all " + count + " down"
                                                 : "none of " + count + " known to be healthy";
  if (service.probes_only) {
    return verdict;
  }

  WhenAllDown rule = service.when_all_down;
  // Nothing is known of anybody: hold. And a rule without anything to publish must not empty an
  // RRset.
  if (judged == 0 || (rule == WhenAllDown::fallback && pool.fallback.empty())) {
    rule = WhenAllDown::keep;
  }
  switch (rule) {
    case WhenAllDown::keep:
      verdict.wanted = pool.ours;
      verdict.reason += pool.ours.empty()
                            ? ", when_all_down keep: nothing is published and nothing is added"
                            : ", when_all_down keep: published records stay";
      return verdict;
    case WhenAllDown::all:
      // A member that was never judged is not added: its verdict may yet come.
      for (const Pool::Entry& entry : pool.entries) {
        if (entry.view.solid) {
          verdict.wanted.insert(entry.member->address);
        }
      }
      verdict.reason += ", when_all_down all: every member is published";
      return verdict;
    case WhenAllDown::fallback:
      verdict.wanted.insert(pool.fallback.begin(), pool.fallback.end());
      verdict.reason += ", when_all_down fallback: " + join(verdict.wanted);
      return verdict;
    case WhenAllDown::none:
      verdict.reason += ", when_all_down none: our records go";
      return verdict;
  }
  return verdict;
}

Verdict judge(const ServiceConfig& service, const Pool& pool, bool grace_over) {
  const auto judged = [](const Pool::Entry& entry) { return entry.view.solid; };
  const auto open =
      pool.entries.size() - static_cast<std::size_t>(std::ranges::count_if(pool.entries, judged));
  if (open > 0 && !grace_over) {
    Verdict verdict;
    const int tier = serving_tier(pool).value_or(first_tier(pool));
    for (const Pool::Entry& entry : pool.entries) {
      if (entry.healthy && entry.member->tier == tier) {
        ++verdict.healthy;
      }
    }
    verdict.required = required_of(service.min_healthy, members_of(pool, tier));
    verdict.wanted = pool.ours;
    verdict.settling = true;
    verdict.reason = "settling: " + std::to_string(open) + " of " +
                     std::to_string(pool.entries.size()) + " not judged yet" +
                     (service.probes_only ? "" : ", published records stay");
    return verdict;
  }
  if (pool.entries.empty()) {
    Verdict verdict;
    verdict.wanted = pool.ours;
    verdict.reason = "no members: published records stay";
    return verdict;
  }
  const std::optional<int> tier = serving_tier(pool);
  return tier ? serve(service, pool, *tier) : all_down(service, pool);
}

int badness(ServiceState state) {
  switch (state) {
    case ServiceState::down:
      return 3;
    case ServiceState::unknown:
      return 2;
    case ServiceState::degraded:
      return 1;
    case ServiceState::ok:
      return 0;
  }
  return 0;
}

// The foreign addresses that stay. One goes only where `foreign` is remove, where the service keeps
// records of that family, and while something of ours is left to answer.
Addresses staying(const ServiceConfig& service, const Addresses& foreign, const Addresses& ours) {
  if (!service.remove_foreign) {
    return foreign;
  }
  Addresses stay;
  for (const net::IpAddress& address : foreign) {
    const auto same_family = [&](const net::IpAddress& other) {
      return other.family() == address.family();
    };
    const bool owned = std::ranges::any_of(service.members, same_family, &Member::address) ||
                       std::ranges::any_of(service.fallback, same_family);
    const bool left =
        service.families_apart ? std::ranges::any_of(ours, same_family) : !ours.empty();
    if (!owned || !left) {
      stay.insert(address);
    }
  }
  return stay;
}

}  // namespace

Decision decide(const ServiceConfig& service, std::span<const MemberView> views,
                std::span<const net::IpAddress> published, std::span<const net::IpAddress> retired,
                bool grace_over) {
  assert(views.size() == service.members.size());
  const Sorted sorted = sort_out(service, views, published, retired);
  Decision decision;
  Addresses ours;
  bool first = true;
  for (const Pool& pool : sorted.pools) {
    if (sorted.pools.size() > 1 && pool.entries.empty() && pool.ours.empty()) {
      continue;
    }
    const Verdict verdict = judge(service, pool, grace_over);
    ours.insert(verdict.wanted.begin(), verdict.wanted.end());
    decision.settling = decision.settling || verdict.settling;
    if (first || badness(verdict.state) > badness(decision.state)) {
      decision.state = verdict.state;
      decision.healthy = verdict.healthy;
      decision.required = verdict.required;
    }
    if (!first) {
      decision.reason += "; AAAA: ";
    }
    if (first && sorted.pools.size() > 1) {
      decision.reason += &pool == &sorted.pools[0] ? "A: " : "AAAA: ";
    }
    decision.reason += verdict.reason;
    first = false;
  }
  if (service.probes_only) {
    return decision;
  }
  decision.foreign.assign(sorted.foreign.begin(), sorted.foreign.end());
  Addresses wanted = decision.settling ? sorted.foreign : staying(service, sorted.foreign, ours);
  wanted.insert(ours.begin(), ours.end());
  decision.wanted.assign(wanted.begin(), wanted.end());
  Addresses leaving;
  for (const Pool& pool : sorted.pools) {
    for (const net::IpAddress& address : pool.retired) {
      if (!ours.contains(address)) {
        leaving.insert(address);
      }
    }
  }
  if (!leaving.empty()) {
    decision.reason += "; no longer configured, removed: " + join(leaving);
  }
  return decision;
}

}  // namespace ronda::agent
