#include "agent/config/zone_reader.hpp"

#include <algorithm>
#include <utility>

#include "agent/config/key_reader.hpp"
#include "agent/config/primary_reader.hpp"
#include "agent/config/suggestion.hpp"

namespace ronda::agent {
namespace {

class ZoneReader {
 public:
  ZoneReader(const Node& node, const Folders& folders, Problems& problems)
      : view_(node, zone_keys(), "a zone", problems), folders_(folders), problems_(problems) {
    zone_.place = {node.place.begin, node.place.begin + 1};
  }

  ReadZone read() {
    read_names();
    read_key();
    ZoneConfig& config = zone_.config;
    read_primary_keys(view_, folders_, zone_.config, problems_);
    config.timeout = view_.duration("timeout").value_or(config.timeout);
    config.reconcile = view_.duration("reconcile").value_or(config.reconcile);
    return std::move(zone_);
  }

 private:
  void read_names() {
    const auto text = view_.text("zone");
    if (!text) {
      return;
    }
    auto name = dnsupdate::Name::parse(*text);
    if (!name || text->empty()) {
      problems_.error(view_.place("zone"), name ? "\"zone\" is empty; write the zone's name"
                                                : "\"zone\": " + name.error());
      return;
    }
    zone_.config.zone = std::move(*name);
    zone_.config.id = view_.text("id").value_or(zone_.config.zone.to_string());
    zone_.named = true;
    if (zone_.config.id.empty()) {
      problems_.error(view_.place("id"), "\"id\" is empty; leave it out to use the zone's name");
    }
  }

  void read_key() {
    const auto text = view_.text("key_file");
    if (!text) {
      return;
    }
    const Place place = view_.place("key_file");
    const auto path = folders_.resolve_secret(*text);
    zone_.config.key_file = path;
    if (text->empty()) {
      problems_.error(place, "\"key_file\" is empty; write the path of a key made by tsig-keygen");
      return;
    }
    const auto key_name = view_.text("key_name");
    const auto key = ronda::agent::read_key(path, key_name.value_or(""));
    if (!key) {
      const bool about_name = key.error().about_name && key_name;
      problems_.error(about_name ? view_.place("key_name") : place, key.error().sentence);
      return;
    }
    zone_.config.key = *key;
    if (const std::string weak = weakness(**key); !weak.empty()) {
      problems_.warning(place, weak);
    }
  }

  ObjectView view_;
  const Folders& folders_;
  Problems& problems_;
  ReadZone zone_{};
};

void compare_zones(const std::vector<ReadZone>& zones, Problems& problems) {
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const ZoneConfig& zone = zones[i].config;
    for (std::size_t j = 0; j < i && zones[i].named; ++j) {
      const ZoneConfig& other = zones[j].config;
      if (!zones[j].named) {
        continue;
      }
      const std::string first = problems.describe(zones[j].place);
      if (zone.id == other.id) {
        problems.error(zones[i].place, "two zones have the id " + in_quotes(zone.id) +
                                           "; the first is at " + first +
                                           "; give one another \"id\"");
      } else if (zone.zone == other.zone && zone.primaries == other.primaries &&
                 zone.source == other.source && zone.key && other.key &&
                 zone.key->name == other.key->name) {
        problems.error(zones[i].place, "zones " + in_quotes(other.id) + " and " +
                                           in_quotes(zone.id) +
                                           " are the same zone at the same primary with the same "
                                           "key; the first is at " +
                                           first);
      }
    }
  }
}

std::optional<std::size_t> zone_by_id(const ZoneQuestion& question, std::span<const ReadZone> zones,
                                      Problems& problems) {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const ZoneConfig& zone = zones[i].config;
    if (!zones[i].named) {
      continue;
    }
    known.push_back(zone.id);
    if (zone.id != *question.id) {
      continue;
    }
    if (question.owner.is_within(zone.zone)) {
      return i;
    }
    problems.error(question.owner_place,
                   in_quotes(question.owner.to_string()) + " lies outside the zone " +
                       in_quotes(zone.zone.to_string()) + "; correct the name or \"zone\"");
    return std::nullopt;
  }
  if (known.size() == zones.size()) {
    problems.error(question.id_place, "unknown zone " + in_quotes(*question.id) +
                                          (known.empty() ? "; the config has no \"zones\""
                                                         : suggest(*question.id, known)));
  }
  return std::nullopt;
}

}  // namespace

std::vector<ReadZone> read_zones(std::span<const Node> nodes, const Folders& folders,
                                 Problems& problems) {
  std::vector<ReadZone> zones;
  zones.reserve(nodes.size());
  for (const Node& node : nodes) {
    if (node.kind != Node::Kind::object) {
      problems.error(node.place,
                     std::string("a zone must be an object, not ") + to_string(node.kind));
      zones.push_back({.place = node.place});
      continue;
    }
    zones.push_back(ZoneReader(node, folders, problems).read());
  }
  compare_zones(zones, problems);
  return zones;
}

std::optional<std::size_t> choose_zone(const ZoneQuestion& question,
                                       std::span<const ReadZone> zones, Problems& problems) {
  if (question.id) {
    return zone_by_id(question, zones, problems);
  }
  std::vector<std::size_t> best;
  std::string configured;
  bool all_named = true;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const dnsupdate::Name& zone = zones[i].config.zone;
    all_named = all_named && zones[i].named;
    if (!zones[i].named) {
      continue;
    }
    configured += (configured.empty() ? "" : ", ") + in_quotes(zone.to_string());
    if (!question.owner.is_within(zone)) {
      continue;
    }
    const std::size_t length = best.empty() ? 0 : zones[best[0]].config.zone.label_count();
    if (best.empty() || zone.label_count() > length) {
      best = {i};
    } else if (zone.label_count() == length) {
      best.push_back(i);
    }
  }
  if (best.size() == 1) {
    return best[0];
  }
  if (best.size() > 1) {
    problems.error(question.owner_place,
                   in_quotes(question.owner.to_string()) + " lies in the zones " +
                       in_quotes(zones[best[0]].config.id) + " and " +
                       in_quotes(zones[best[1]].config.id) +
                       " alike; say which with \"zone\": " + in_quotes(zones[best[0]].config.id));
  } else if (all_named) {
    problems.error(
        question.owner_place,
        in_quotes(question.owner.to_string()) + " lies outside " +
            (configured.empty() ? "every zone; add its zone to \"zones\""
                                : "the zone " + configured + "; correct the name or add its zone"));
  }
  return std::nullopt;
}

}  // namespace ronda::agent
