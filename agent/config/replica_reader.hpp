// The replicas of one service as written: names, addresses, tiers, ports, own checks. Sees to it
// that no name and no address stands twice in the service.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/config/node.hpp"
#include "agent/config/problems.hpp"
#include "net/address.hpp"

namespace ronda::agent {

struct ReadAddress {
  net::IpAddress ip{};
  Place place{};
};

struct ReadReplica {
  std::string name{};
  bool has_own_name = false;  // else called by its first address
  Place place{};
  std::vector<ReadAddress> addresses{};
  std::optional<std::uint16_t> port{};
  int tier = 1;
  std::optional<std::span<const Node>> checks{};
};

struct ReplicaList {
  std::vector<ReadReplica> replicas{};
  std::map<net::IpAddress, Place> addresses{};  // of all
  bool sound = true;                            // false: one could not be read, and was reported
};

ReplicaList read_replicas(std::span<const Node> nodes, Problems& problems);

// Why no client could use this address, as a phrase; empty when one could.
std::string why_unusable(const net::IpAddress& address);
// An address that may stand in a zone; else it was reported.
std::optional<net::IpAddress> read_published_address(const Node& node, Problems& problems);

}  // namespace ronda::agent
