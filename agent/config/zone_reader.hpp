// The zones of the config with their primaries and TSIG keys. Reads key files; looks up no name.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/config/files.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"

namespace ronda::agent {

struct ReadZone {
  ZoneConfig config{};
  Place place{};
  bool named = false;  // has an id and a zone that could be read
};

std::vector<ReadZone> read_zones(std::span<const Node> nodes, const Folders& folders,
                                 Problems& problems);

// The zone an owner name belongs to: the one with that id, else the longest matching suffix. Empty
// when there is none, which was reported at `place`.
struct ZoneQuestion {
  const dnsupdate::Name& owner;
  Place owner_place{};
  std::optional<std::string> id{};
  Place id_place{};
};
std::optional<std::size_t> choose_zone(const ZoneQuestion& question,
                                       std::span<const ReadZone> zones, Problems& problems);

}  // namespace ronda::agent
