#include "agent/cli/probe_target.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

#include "agent/config/server_name.hpp"
#include "agent/config/spare_check.hpp"
#include "agent/config/suggestion.hpp"
#include "probes/exec.hpp"
#include "probes/kinds.hpp"

namespace ronda::agent {
namespace {

using Targets = std::expected<std::vector<ProbeTarget>, std::string>;

// A place where the config uses a check.
struct Use {
  const ServiceConfig& service;
  const Member& member;
  const MemberCheck& check;
};

void each_use(const Config& config, const std::function<void(const Use&)>& visit) {
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      for (const auto* list : {&member.checks, &member.reports}) {
        for (const MemberCheck& check : *list) {
          visit({service, member, check});
        }
      }
    }
  }
}

std::vector<Use> uses_of(const Config& config, const std::string& name) {
  std::vector<Use> found;
  each_use(config, [&](const Use& use) {
    if (use.check.name == name) {
      found.push_back(use);
    }
  });
  return found;
}

std::string unknown_check(const Config& config, const std::string& name) {
  std::set<std::string> names;
  each_use(config, [&](const Use& use) { names.insert(use.check.name); });
  for (const MemberCheck& spare : config.spare_checks) {
    names.insert(spare.name);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return config.file.string() + " has no check \"" + name + "\"" + suggest(name, known);
}

bool misses_port(const MemberCheck& check) {
  const auto* exec = std::get_if<probes::ExecCheck>(&check.spec.protocol);
  const probes::Kind* kind = probes::find_kind(check.spec.kind);
  const bool wants_port =
      exec != nullptr ? probes::uses_port(*exec) : kind != nullptr && kind->needs_port;
  return wants_port && check.endpoint.port == 0;
}

// Every address of the replica, each once.
Targets at_replica(const std::vector<Use>& uses, const std::string& service,
                   const std::string& replica) {
  std::vector<ProbeTarget> targets;
  for (const Use& use : uses) {
    const auto same = [&](const ProbeTarget& each) {
      return each.check.endpoint.ip == use.member.address;
    };
    if (use.service.id == service && use.member.replica == replica &&
        std::ranges::none_of(targets, same)) {
      targets.push_back({.check = use.check});
    }
  }
  if (targets.empty()) {
    return std::unexpected("no replica \"" + service + "/" + replica + "\" is checked by \"" +
                           uses.front().check.name +
                           "\"; `ronda status` and `ronda plan` list them");
  }
  return targets;
}

// At an address of nobody: as the first service that uses the check has it.
ProbeTarget at_address(const std::vector<Use>& uses, const net::IpAddress& address) {
  std::vector<Use> choice;
  std::ranges::copy_if(uses, std::back_inserter(choice),
                       [&](const Use& use) { return use.member.address == address; });
  const bool known = !choice.empty();
  const std::vector<Use>& from = known ? choice : uses;
  ProbeTarget target{.check = from.front().check};
  const std::string& name = target.check.spec.server_name;
  if (says_server_name(target.check.spec) && std::ranges::any_of(from, [&](const Use& use) {
        return use.check.spec.server_name != name;
      })) {
    target.as = name;
  }
  if (auto* exec = std::get_if<probes::ExecCheck>(&target.check.spec.protocol);
      exec != nullptr && !known) {
    exec->replica = address.to_string();  // not the name of another
  }
  target.check.endpoint.ip = address;
  return target;
}

Targets spare_at_replica(const Config& config, const MemberCheck& spare,
                         const std::string& service_id, const std::string& replica) {
  std::vector<ProbeTarget> targets;
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      if (service.id != service_id || member.replica != replica) {
        continue;
      }
      auto aimed = aim_spare(config, spare,
                             {.service = &service, .member = &member, .address = member.address});
      if (!aimed) {
        return std::unexpected(std::move(aimed.error()));
      }
      targets.push_back({.check = *std::move(aimed)});
    }
  }
  if (targets.empty()) {
    return std::unexpected("no replica is called \"" + service_id + "/" + replica +
                           "\"; `ronda status` and `ronda plan` list them");
  }
  return targets;
}

// For the service that has the address, else for the first one.
std::expected<ProbeTarget, std::string> spare_at_address(const Config& config,
                                                         const MemberCheck& spare,
                                                         const net::IpAddress& address) {
  Trial trial{.address = address};
  for (const ServiceConfig& service : config.services) {
    const auto member = std::ranges::find(service.members, address, &Member::address);
    if (member != service.members.end()) {
      trial.service = &service;
      trial.member = &*member;
      break;
    }
  }
  if (trial.service == nullptr && !config.services.empty()) {
    trial.service = &config.services.front();
  }
  auto aimed = aim_spare(config, spare, trial);
  if (!aimed) {
    return std::unexpected(std::move(aimed.error()));
  }
  ProbeTarget target{.check = *std::move(aimed)};
  if (spare.spec.server_name.empty() && config.services.size() > 1 &&
      says_server_name(target.check.spec)) {
    target.as = target.check.spec.server_name;
  }
  return target;
}

Targets aim(const Config& config, const std::vector<Use>& uses, const MemberCheck* spare,
            const std::string& target) {
  if (const auto slash = target.rfind('/'); slash != std::string::npos) {
    const std::string service = target.substr(0, slash);
    const std::string replica = target.substr(slash + 1);
    return spare != nullptr ? spare_at_replica(config, *spare, service, replica)
                            : at_replica(uses, service, replica);
  }
  const auto place = net::parse_host_port(target);
  const auto address = place ? net::IpAddress::parse(place->host) : std::nullopt;
  if (!address) {
    return std::unexpected("\"" + target +
                           "\" is neither an address nor SERVICE/REPLICA: a check goes to one "
                           "address, never to a name");
  }
  auto found = spare != nullptr
                   ? spare_at_address(config, *spare, *address)
                   : std::expected<ProbeTarget, std::string>(at_address(uses, *address));
  if (!found) {
    return std::unexpected(std::move(found.error()));
  }
  found->check.endpoint.port = place->port.value_or(found->check.endpoint.port);
  return std::vector{*std::move(found)};
}

}  // namespace

Targets find_targets(const Config& config, const std::string& check, const std::string& target) {
  const std::vector<Use> uses = uses_of(config, check);
  const auto spare = std::ranges::find(config.spare_checks, check, &MemberCheck::name);
  const bool is_spare = uses.empty();
  if (is_spare && spare == config.spare_checks.end()) {
    return std::unexpected(unknown_check(config, check));
  }
  Targets targets = aim(config, uses, is_spare ? &*spare : nullptr, target);
  if (targets && std::ranges::any_of(*targets, misses_port, &ProbeTarget::check)) {
    return std::unexpected("check \"" + check +
                           "\" has no port: write ADDRESS:PORT, or give the check a \"port\"");
  }
  return targets;
}

}  // namespace ronda::agent
