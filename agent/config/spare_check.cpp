#include "agent/config/spare_check.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "agent/config/dns_aim.hpp"
#include "agent/config/server_name.hpp"

namespace ronda::agent {
namespace {

std::string name_for(const Trial& trial) {
  const std::string host = trial.service != nullptr ? host_name_of(*trial.service) : "";
  if (!host.empty() && !host.starts_with("*.")) {
    return host;
  }
  const bool named = trial.member != nullptr && !net::IpAddress::parse(trial.member->replica);
  return named ? trial.member->replica : trial.address.to_string();
}

std::string aim_at_zone(const Config& config, const ServiceConfig* service,
                        probes::DnsCheck& check) {
  std::vector<ReadZone> zones;
  for (const ZoneConfig& zone : config.zones) {
    zones.push_back({.config = zone, .named = true});
  }
  const auto own =
      service == nullptr || service->probes_only ? std::nullopt : std::optional(service->zone);
  std::string why = why_not_asked(check, own, zones);
  if (why.empty()) {
    aim_dns(check, own, zones);
  }
  return why;
}

}  // namespace

std::expected<MemberCheck, std::string> aim_spare(const Config& config, const MemberCheck& spare,
                                                  const Trial& trial) {
  MemberCheck aimed = spare;
  aimed.endpoint.ip = trial.address;
  if (trial.member != nullptr) {
    aimed.endpoint.port = trial.member->port.value_or(spare.endpoint.port);
  }
  if (aimed.spec.server_name.empty()) {
    aimed.spec.server_name = name_for(trial);
  }
  const std::string service = trial.service != nullptr ? trial.service->id : "";
  const std::string replica =
      trial.member != nullptr ? trial.member->replica : trial.address.to_string();
  if (auto* exec = std::get_if<probes::ExecCheck>(&aimed.spec.protocol)) {
    exec->service = service;
    exec->replica = replica;
    exec->name = aimed.name;
  }
  if (auto* passive = std::get_if<probes::PassiveCheck>(&aimed.spec.protocol)) {
    passive->service = service;
    passive->replica = replica;
  }
  if (auto* dns = std::get_if<probes::DnsCheck>(&aimed.spec.protocol)) {
    if (const std::string why = aim_at_zone(config, trial.service, *dns); !why.empty()) {
      return std::unexpected("check \"" + aimed.name + "\" " + why);
    }
  }
  return aimed;
}

}  // namespace ronda::agent
