#include "agent/config/service_reader.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <ranges>
#include <string_view>

#include "agent/config/member_builder.hpp"

namespace ronda::agent {
namespace {

constexpr std::int64_t kLongTtl = 300;

std::optional<int> parse_percent(std::string_view text) {
  int value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool sound = error == std::errc() && rest + 1 == text.data() + text.size() &&
                     *rest == '%' && value >= 0 && value <= 100;
  return sound ? std::optional(value) : std::nullopt;
}

}  // namespace

bool ServiceReader::read_identity(const ObjectView& view, ServiceConfig& service) {
  service.probes_only = view.text("type") == "none";
  const auto text = view.text("name");
  if (!text) {
    return false;
  }
  auto name = dnsupdate::Name::parse(*text);
  const bool sound = !text->empty() && (name || service.probes_only);
  if (name) {
    service.name = std::move(*name);
  }
  if (!sound) {
    problems_.error(view.place("name"), text->empty() ? "\"name\" is empty; write the owner name"
                                                      : "\"name\": " + name.error());
    return false;
  }
  service.id = view.text("id").value_or(service.probes_only ? *text : service.name.to_string());
  if (service.id.empty()) {
    problems_.error(view.place("id"), "\"id\" is empty; leave it out to use the name");
  }
  return true;
}

void ServiceReader::read_mode(const ObjectView& view, ServiceConfig& service) {
  const auto mode = view.text("mode");
  service.mode = mode == "observe" ? WriteMode::observe : around_.mode;
  if (mode == "enforce" && around_.mode == WriteMode::observe) {
    problems_.warning(view.place("mode"),
                      "\"enforce\" has no effect here: the whole config is in mode \"observe\"");
  }
}

void ServiceReader::read_zone(const ObjectView& view, ServiceConfig& service) {
  const ZoneQuestion question{.owner = service.name,
                              .owner_place = view.place("name"),
                              .id = view.text("zone"),
                              .id_place = view.place("zone")};
  const auto zone = choose_zone(question, around_.zones, problems_);
  zone_known_ = zone.has_value();
  service.zone = zone.value_or(0);
}

void ServiceReader::read_type(const ObjectView& view, const ReplicaList& list) {
  const auto type = view.text("type");
  if (type != "A" && type != "AAAA") {
    return;
  }
  for (const ReadReplica& replica : list.replicas) {
    for (const ReadAddress& address : replica.addresses) {
      if (address.ip.is_v4() != (type == "A")) {
        problems_.error(address.place, address.ip.to_string() + " makes no " + *type +
                                           " record; leave \"type\" out to have A and AAAA by "
                                           "address");
      }
    }
  }
}

void ServiceReader::claim(const ObjectView& view, const ServiceConfig& service) {
  const Place place = view.place("name");
  if (!service.probes_only && zone_known_) {
    const auto [first, added] =
        owners_.try_emplace({service.zone, service.name.canonical_wire()}, place);
    if (!added) {
      problems_.error(place, "two services manage " + in_quotes(service.name.to_string()) +
                                 " in the same zone, the first at " +
                                 problems_.describe(first->second) + "; put all replicas into one");
      return;
    }
  }
  const auto [first, added] = ids_.try_emplace(service.id, place);
  if (!added) {
    problems_.error(view.has("id") ? view.place("id") : place,
                    "two services have the id " + in_quotes(service.id) + ", the first at " +
                        problems_.describe(first->second) + "; give one another \"id\"");
  }
}

void ServiceReader::read_ttl(const ObjectView& view, ServiceConfig& service) {
  service.ttl = around_.defaults.ttl;
  const auto ttl = view.integer("ttl");
  if (!ttl) {
    return;
  }
  service.ttl = static_cast<std::uint32_t>(*ttl);
  if (*ttl > kLongTtl && !service.probes_only) {
    problems_.warning(view.place("ttl"), "clients may keep a dead address for " +
                                             net::format_duration(std::chrono::seconds(*ttl)) +
                                             "; 30 to 60 suits failover");
  }
}

void ServiceReader::read_min_healthy(const ObjectView& view, ServiceConfig& service) {
  const Node* node = view.get("min_healthy");
  if (node == nullptr) {
    return;
  }
  if (node->kind == Node::Kind::text) {
    const auto percent = parse_percent(node->text);
    if (!percent) {
      problems_.error(node->place, "\"min_healthy\": " + in_quotes(node->text) +
                                       " is neither a count nor a percentage such as \"50%\"");
      return;
    }
    service.min_healthy = {.count = *percent, .percent = true};
    return;
  }
  service.min_healthy = {.count = static_cast<int>(node->integer.value_or(1)), .percent = false};
}

// It counts in the tier in service, with "apart" family by family: one that no tier can reach would
// keep the service critical for good.
void ServiceReader::limit_min_healthy(const ObjectView& view, const ReplicaList& list,
                                      const ServiceConfig& service) {
  if (!list.sound || service.min_healthy.percent) {
    return;
  }
  std::map<bool, std::map<int, int>> sizes;  // of tiers, by IPv6 or not
  for (const ReadReplica& replica : list.replicas) {
    for (const ReadAddress& address : replica.addresses) {
      ++sizes[service.families_apart && !address.ip.is_v4()][replica.tier];
    }
  }
  for (const auto& [v6, tiers] : sizes) {
    const int largest = std::ranges::max(tiers | std::views::values);
    if (service.min_healthy.count > largest) {
      problems_.error(view.place("min_healthy"),
                      "\"min_healthy\" is " + std::to_string(service.min_healthy.count) +
                          ", but the largest tier has " + std::to_string(largest) + " addresses" +
                          (service.families_apart ? (v6 ? " of IPv6" : " of IPv4") : "") +
                          "; nothing could ever be removed");
    }
  }
}

void ServiceReader::read_policy(const ObjectView& view, ServiceConfig& service) {
  if (const Node* require = view.get("require")) {
    if (require->integer) {
      service.require = static_cast<int>(*require->integer);
    } else if (require->text == "any") {
      service.require = RequireAny{};
    }
  }
  service.families_apart = view.text("families") == "apart";
  const auto all_down = view.text("when_all_down");
  service.when_all_down = all_down == "all"        ? WhenAllDown::all
                          : all_down == "fallback" ? WhenAllDown::fallback
                          : all_down == "none"     ? WhenAllDown::none
                                                   : WhenAllDown::keep;
  service.remove_foreign = view.text("foreign") == "remove";
  read_min_healthy(view, service);
  const Node* publish = view.get("publish");
  if (publish != nullptr && publish->kind == Node::Kind::object) {
    problems_.error(publish->place,
                    "\"publish\": {\"at_most\"} is not built yet in this version; remove it (all "
                    "healthy replicas of the lowest tier that has any are published)");
  }
  const Node* failback = view.get("failback");
  if (failback != nullptr && failback->kind == Node::Kind::object) {
    problems_.error(
        failback->place,
        "\"failback\": {\"after\"} is not built yet in this version; remove it (a lower "
        "tier hands back as soon as a better one is healthy)");
  }
  for (const std::string_view key :
       {"zone", "ttl", "foreign", "when_all_down", "fallback", "load", "freshness"}) {
    if (service.probes_only && view.has(key)) {
      problems_.warning(
          view.place(key),
          in_quotes(key) + " means nothing for a service of type \"none\": it has no records");
    }
  }
}

void ServiceReader::read_fallback(const ObjectView& view, const ReplicaList& list,
                                  ServiceConfig& service) {
  for (const Node& node : view.list("fallback")) {
    const auto ip = read_published_address(node, problems_);
    if (!ip) {
      continue;
    }
    if (const auto member = list.addresses.find(*ip); member != list.addresses.end()) {
      problems_.error(node.place, "fallback " + ip->to_string() + " is also a replica, at " +
                                      problems_.describe(member->second) +
                                      "; a fallback is used when every replica is down");
    } else if (std::ranges::find(service.fallback, *ip) != service.fallback.end()) {
      problems_.error(node.place, "fallback " + ip->to_string() + " stands twice");
    } else {
      service.fallback.push_back(*ip);
    }
  }
  const bool wanted = service.when_all_down == WhenAllDown::fallback;
  const Node* given = view.get("fallback");
  if (wanted && (!view.has("fallback") || (given != nullptr && given->items.empty()))) {
    problems_.error(view.place("when_all_down"),
                    "\"when_all_down\" is \"fallback\", but no \"fallback\" address is given");
  } else if (!wanted && given != nullptr && !given->items.empty()) {
    problems_.warning(
        given->place,
        "\"fallback\" is never used; add \"when_all_down\": \"fallback\" or remove it");
  }
}

std::vector<ReadReport> ServiceReader::read_reports(const ObjectView& view,
                                                    ServiceConfig& service) {
  std::vector<ReadReport> reports = around_.loads.read(view.list("load"));
  if (const Node* freshness = view.get("freshness")) {
    if (auto report = around_.freshness.read(*freshness)) {
      reports.push_back(std::move(*report));
    }
  }
  std::vector<std::string> names;
  for (ReadReport& report : reports) {
    report.rule.name = report.check.name = around_.checks.free_name(report.check.name, names);
    names.push_back(report.check.name);
    service.demotions.push_back(report.rule);
  }
  return reports;
}

void ServiceReader::add_members(const ObjectView& view, const ReplicaList& list,
                                ServiceConfig& service) {
  const CheckBook::List common = around_.checks.resolve(view.list("checks"));
  const bool unreadable = view.has("checks") && view.get("checks") == nullptr;
  const std::string name = service.name.to_string();
  const auto zone =
      service.probes_only || !zone_known_ ? std::nullopt : std::optional(service.zone);
  const std::vector<ReadReport> reports = read_reports(view, service);
  MemberBuilder builder(service, name, around_.zones, zone, reports, problems_);
  const bool every_replica_bare = std::ranges::none_of(
      list.replicas, [](const ReadReplica& each) { return each.checks.has_value(); });
  if (common.checks.empty() && common.sound && !unreadable && every_replica_bare) {
    problems_.error(view.place("checks"),
                    "a service without \"checks\": every replica would always count as healthy; "
                    "name at least one check");
    return;
  }
  for (const ReadReplica& replica : list.replicas) {
    if (replica.checks) {
      builder.add(replica, around_.checks.resolve(*replica.checks));
    } else if (!unreadable) {
      builder.add(replica, common);
    }
  }
}

ServiceConfig ServiceReader::read(const Node& node) {
  const ObjectView view(node, service_keys(), "a service", problems_);
  ServiceConfig service;
  if (node.kind != Node::Kind::object) {
    return service;
  }
  zone_known_ = false;
  if (read_identity(view, service)) {
    if (!service.probes_only) {
      read_zone(view, service);
    }
    claim(view, service);
  }
  read_mode(view, service);
  read_ttl(view, service);
  read_policy(view, service);
  const ReplicaList list = read_replicas(view.list("replicas"), problems_);
  if (const Node* replicas = view.get("replicas"); replicas != nullptr && replicas->items.empty()) {
    problems_.error(replicas->place, "\"replicas\" is empty; name at least one address");
    return service;
  }
  read_type(view, list);
  read_fallback(view, list, service);
  add_members(view, list, service);
  limit_min_healthy(view, list, service);
  return service;
}

}  // namespace ronda::agent
