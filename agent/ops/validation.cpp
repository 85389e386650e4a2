#include "agent/ops/validation.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "agent/ops/snapshot.hpp"

namespace ronda::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string types_of(const ServiceConfig& service) {
  if (service.probes_only) {
    return "none";
  }
  const auto has = [&](net::Family family) {
    const auto& members = service.members;
    return std::any_of(members.begin(), members.end(),
                       [&](const Member& member) { return member.address.family() == family; });
  };
  const bool v4 = has(net::Family::v4);
  const bool v6 = has(net::Family::v6);
  return v4 && v6 ? "A+AAAA" : v6 ? "AAAA" : "A";
}

std::size_t replica_count(const ServiceConfig& service) {
  std::set<std::string> names;
  for (const Member& member : service.members) {
    names.insert(member.replica);
  }
  return names.size();
}

std::string zone_text(const ZoneConfig& zone) {
  std::string primaries;
  for (const net::HostPort& primary : zone.primaries) {
    const bool v6 = primary.host.find(':') != std::string::npos;
    primaries += (primaries.empty() ? " at " : ", else ") +
                 (v6 ? "[" + primary.host + "]" : primary.host) +
                 (primary.port ? ":" + std::to_string(*primary.port) : "");
  }
  return "zone " + zone.zone.to_string() +
         (primaries.empty() ? ", its primary found through the SOA" : primaries);
}

Json problem_json(const ConfigProblem& problem) {
  return {{"file", problem.file},
          {"line", problem.line},
          {"column", problem.column},
          {"pointer", problem.pointer},
          {"message", problem.message}};
}

Json service_json(const ServiceConfig& service) {
  return {{"service", service.id},
          {"type", types_of(service)},
          {"mode", to_string(service.mode)},
          {"replicas", replica_count(service)},
          {"failover_seconds", net::to_seconds(failover_bound(service))}};
}

}  // namespace

net::Duration failover_bound(const ServiceConfig& service) {
  net::Duration longest{};
  for (const Member& member : service.members) {
    for (const MemberCheck& check : member.checks) {
      const Timing& timing = check.timing;
      const net::Duration timeout = check.spec.timeout;
      const net::Duration again = (timing.fall - 1) * (timing.fast_interval + timeout);
      longest = std::max(longest, timing.interval + timeout + again);
    }
  }
  return longest;
}

std::string validation_text(const Config& config) {
  std::string text;
  for (const ServiceConfig& service : config.services) {
    const std::size_t replicas = replica_count(service);
    text += service.id + ": " + types_of(service) + ", " + std::to_string(replicas) +
            (replicas == 1 ? " replica" : " replicas");
    if (!service.probes_only) {
      text += ", " + zone_text(config.zones.at(service.zone));
    }
    text += std::string(", ") + to_string(service.mode);
    const net::Duration bound = failover_bound(service);
    if (bound > net::Duration::zero()) {
      text += ", worst-case time to failover " + net::format_duration(bound);
      if (service.ttl) {
        text += " (and up to " + std::to_string(*service.ttl) + "s in resolvers' caches)";
      }
    }
    text += "\n";
  }
  return text;
}

std::string validation_json(const std::filesystem::path& file, const ConfigResult& result) {
  Json json = {{"schema", 1},
               {"file", file.string()},
               {"exit", result ? 0 : 78},
               {"valid", result.has_value()},
               {"services", Json::array()},
               {"warnings", Json::array()},
               {"errors", Json::array()}};
  if (result) {
    for (const ServiceConfig& service : result->services) {
      json["services"].push_back(service_json(service));
    }
    json["warnings"] = result->warnings;
  } else {
    for (const ConfigProblem& problem : result.error()) {
      json["errors"].push_back(problem_json(problem));
    }
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ronda::agent
