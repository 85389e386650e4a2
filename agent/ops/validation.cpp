#include "agent/ops/validation.hpp"

#include <algorithm>
#include <set>
#include <variant>

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
  const auto bound = failover_bound(service);
  return {{"service", service.id},
          {"type", types_of(service)},
          {"mode", to_string(service.mode)},
          {"replicas", replica_count(service)},
          {"failover_seconds", bound ? Json(net::to_seconds(*bound)) : Json(nullptr)}};
}

// Which of several reports of a failure in a row takes a replica out.
std::string which(int fall) {
  const int last = fall % 10;
  const bool teen = fall / 10 % 10 == 1;
  return std::to_string(fall) + (teen || last < 1 || last > 3 ? "th"
                                 : last == 1                  ? "st"
                                 : last == 2                  ? "nd"
                                                              : "rd");
}

// Of passive checks: how long it takes is up to whoever reports.
std::string told_text(const ServiceConfig& service) {
  std::set<std::string> ways;
  for (const Member& member : service.members) {
    for (const MemberCheck& check : member.checks) {
      const auto* passive = std::get_if<probes::PassiveCheck>(&check.spec.protocol);
      if (passive == nullptr || check.scope == Scope::dependency) {
        continue;
      }
      const net::Duration until_read = check.timing.interval + check.spec.timeout;
      const std::string fail =
          check.timing.fall == 1 ? "a fail" : "the " + which(check.timing.fall) + " fail in a row";
      ways.insert(passive->file.empty() ? "at once with " + fail + " from `ronda report`"
                                        : net::format_duration(until_read) + " after " + fail +
                                              " in " + passive->file);
    }
  }
  std::string text;
  for (const std::string& way : ways) {
    text += (text.empty() ? "" : ", or ") + way;
  }
  return text;
}

std::string failover_text(const ServiceConfig& service) {
  const auto bound = failover_bound(service);
  const std::string told = told_text(service);
  if (!bound && told.empty()) {
    return ", no check takes a replica out";
  }
  const char* what = service.probes_only ? "time until a replica is down" : "time to failover";
  std::string text;
  if (bound) {
    text = std::string(", worst-case ") + what + " " + net::format_duration(*bound);
  }
  if (!told.empty()) {
    text += bound ? ", or " + told : std::string(", ") + what + ": " + told;
  }
  if (service.ttl && !service.probes_only) {
    text += " (and up to " + std::to_string(*service.ttl) + "s in resolvers' caches)";
  }
  return text;
}

}  // namespace

std::optional<net::Duration> failover_bound(const ServiceConfig& service) {
  std::optional<net::Duration> longest;
  for (const Member& member : service.members) {
    for (const MemberCheck& check : member.checks) {
      if (check.scope == Scope::dependency ||
          std::holds_alternative<probes::PassiveCheck>(check.spec.protocol)) {
        continue;
      }
      const Timing& timing = check.timing;
      const net::Duration timeout = check.spec.timeout;
      const net::Duration again = (timing.fall - 1) * (timing.fast_interval + timeout);
      longest = std::max(longest.value_or(net::Duration{}), timing.interval + timeout + again);
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
    text += std::string(", ") + to_string(service.mode) + failover_text(service) + "\n";
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
