#include "agent/decide/planner.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

namespace ronda::agent {
namespace {

constexpr std::uint32_t kNewTtl = 30;

dnsupdate::RrType type_of(const net::IpAddress& address) {
  return address.is_v4() ? dnsupdate::RrType::A : dnsupdate::RrType::AAAA;
}

bool owns(const ServiceConfig& service, dnsupdate::RrType type) {
  const auto of_type = [type](const net::IpAddress& address) { return type_of(address) == type; };
  return std::ranges::any_of(service.members, of_type, &Member::address) ||
         std::ranges::any_of(service.fallback, of_type);
}

}  // namespace

std::vector<dnsupdate::RrsetKey> rrset_keys(const ServiceConfig& service) {
  std::vector<dnsupdate::RrsetKey> keys;
  if (service.probes_only) {
    return keys;
  }
  for (const dnsupdate::RrType type : {dnsupdate::RrType::A, dnsupdate::RrType::AAAA}) {
    if (owns(service, type)) {
      keys.push_back({service.name, type});
    }
  }
  return keys;
}

dnsupdate::Rdata to_rdata(const net::IpAddress& address) {
  const std::array<std::uint8_t, 16>& octets = address.octets();
  const std::string wire(octets.begin(), octets.begin() + (address.is_v4() ? 4 : 16));
  auto rdata = dnsupdate::Rdata::from_wire(type_of(address), wire);
  assert(rdata.has_value());
  return *std::move(rdata);
}

std::vector<net::IpAddress> addresses(std::span<const dnsupdate::RrSet> sets) {
  std::vector<net::IpAddress> found;
  for (const dnsupdate::RrSet& set : sets) {
    for (const dnsupdate::Rdata& rdata : set.data) {
      const std::string& wire = rdata.wire();
      if (rdata.type() == dnsupdate::RrType::A && wire.size() == 4) {
        std::array<std::uint8_t, 4> octets{};
        std::ranges::copy(wire, octets.begin());
        found.push_back(net::IpAddress::from_v4(octets));
      } else if (rdata.type() == dnsupdate::RrType::AAAA && wire.size() == 16) {
        std::array<std::uint8_t, 16> octets{};
        std::ranges::copy(wire, octets.begin());
        found.push_back(net::IpAddress::from_v6(octets));
      }
    }
  }
  std::ranges::sort(found);
  const auto rest = std::ranges::unique(found);
  found.erase(rest.begin(), rest.end());
  return found;
}

std::vector<dnsupdate::RrsetChange> plan_changes(const ServiceConfig& service,
                                                 std::span<const dnsupdate::RrSet> observed,
                                                 std::span<const net::IpAddress> wanted) {
  std::vector<dnsupdate::RrsetChange> changes;
  if (service.probes_only) {
    return changes;
  }
  for (const dnsupdate::RrType type : {dnsupdate::RrType::A, dnsupdate::RrType::AAAA}) {
    const auto is_it = [&](const dnsupdate::RrSet& set) {
      return set.key.type == type && set.key.owner == service.name;
    };
    const auto read = std::ranges::find_if(observed, is_it);
    // A family the service has left is still cleaned up where it was read.
    if (read == observed.end() && !owns(service, type)) {
      continue;
    }
    dnsupdate::RrsetChange change;
    change.observed.key = {service.name, type};
    if (read != observed.end()) {
      change.observed = *read;
    }
    change.wanted.key = change.observed.key;
    for (const net::IpAddress& address : wanted) {
      if (type_of(address) == type) {
        change.wanted.insert(to_rdata(address));
      }
    }
    if (change.wanted.data == change.observed.data) {
      continue;
    }
    if (!change.wanted.empty()) {
      change.wanted.ttl =
          service.ttl.value_or(change.observed.empty() ? kNewTtl : change.observed.ttl);
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace ronda::agent
