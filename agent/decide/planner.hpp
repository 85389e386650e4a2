// From wanted addresses to RRset changes: compares with the RRsets as read, keeps the zone's
// spelling and TTL rules (a configured TTL is written only together with a record change; otherwise
// the RRset keeps its own, 30 s for a new one). Pure.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "agent/config/config.hpp"
#include "dnsupdate/update/outcome.hpp"

namespace ronda::agent {

// The RRsets a service owns: A and AAAA where it has members or fallbacks of that family.
std::vector<dnsupdate::RrsetKey> rrset_keys(const ServiceConfig& service);
dnsupdate::Rdata to_rdata(const net::IpAddress& address);
// Every address in the sets.
std::vector<net::IpAddress> addresses(std::span<const dnsupdate::RrSet> sets);
// One change for each RRset whose records differ from what is wanted.
std::vector<dnsupdate::RrsetChange> plan_changes(const ServiceConfig& service,
                                                 std::span<const dnsupdate::RrSet> observed,
                                                 std::span<const net::IpAddress> wanted);

}  // namespace ronda::agent
