#include "agent/first/preview.hpp"

#include <algorithm>

#include "agent/ops/status_text.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;

// Quicker than a config's defaults: somebody waits.
constexpr Timing kTiming{.interval = 10s, .fast_interval = 500ms, .fall = 2, .rise = 2, .ok = 1};

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += (out.empty() ? "" : ", ") + item;
  }
  return out;
}

std::vector<std::string> missing_from(const std::vector<std::string>& all,
                                      const std::vector<std::string>& some) {
  std::vector<std::string> missing;
  for (const std::string& item : all) {
    if (std::ranges::find(some, item) == some.end()) {
      missing.push_back(item);
    }
  }
  return missing;
}

bool all_down(const ServiceStatus& service) {
  return std::ranges::none_of(service.replicas, &ReplicaStatus::healthy);
}

}  // namespace

Config preview_config(const Preview& preview, const std::vector<net::HostPort>& primaries) {
  Config config;
  config.mode = WriteMode::observe;
  ZoneConfig zone;
  zone.id = preview.zone.to_string();
  zone.zone = preview.zone;
  zone.primaries = primaries;
  config.zones.push_back(std::move(zone));
  ServiceConfig service;
  service.id = preview.name.to_string();
  service.name = preview.name;
  service.mode = WriteMode::observe;
  for (const net::IpAddress& address : preview.addresses) {
    Member member{.replica = address.to_string(), .address = address};
    member.checks.push_back({.name = preview.check.kind,
                             .spec = preview.check.spec(service.id),
                             .endpoint = {address, preview.check.port},
                             .timing = kTiming});
    service.members.push_back(std::move(member));
  }
  config.services.push_back(std::move(service));
  return config;
}

std::string would_do(const Preview& preview, const ServiceStatus& service) {
  if (service.state == ServiceState::unknown || !service.error.empty()) {
    return {};
  }
  const auto gone = missing_from(service.published, service.wanted);
  if (!gone.empty()) {
    return "would remove " + joined(gone);
  }
  if (all_down(service)) {
    return preview.addresses.size() == 1
               ? "would keep the address: it is the last one"
               : "would keep all " + std::to_string(preview.addresses.size()) +
                     " addresses: none is healthy, and the last ones are never removed";
  }
  if (preview.addresses.size() == 1) {
    return "nothing to do, now or ever: a name with one address has none to spare";
  }
  return "nothing to do";
}

std::string next_command(const Preview& preview) {
  std::string command = "ronda init " + preview.zone.to_string();
  if (!preview.server_option.empty()) {
    command += " --server " + preview.server_option;
  }
  return command;
}

std::string preview_text(const Preview& preview, const Snapshot& snapshot, bool color) {
  std::string out = nagios_line(snapshot) + "\n\n";
  out += "zone:    " + preview.zone.to_string() + " at " + preview.primary + " (" +
         preview.primary_how + ")\n";
  out += "probed:  " + preview.check.to_string() + " (" + preview.check.why + ")\n";
  for (const ServiceStatus& service : snapshot.services) {
    out += replica_table(service, color);
    if (!service.foreign.empty()) {
      out += "left:    " + joined(service.foreign) + " (no client could use it, and nothing is " +
             "probed there)\n";
    }
    if (!service.error.empty()) {
      out += "error:   " + service.error + "\n";
    }
    if (const std::string would = would_do(preview, service); !would.empty()) {
      out += "ronda:   " + would + "\n";
    }
  }
  for (const std::string& error : snapshot.errors) {
    out += "error:   " + error + "\n";
  }
  return out + "next:    " + next_command(preview) + "\n";
}

std::vector<std::pair<std::string, std::string>> preview_facts(const Preview& preview,
                                                               const Snapshot& snapshot) {
  return {{"name", preview.name.to_string()},
          {"zone", preview.zone.to_string()},
          {"primary", preview.primary},
          {"primary_how", preview.primary_how},
          {"check", preview.check.kind},
          {"port", std::to_string(preview.check.port)},
          {"path", preview.check.path},
          {"why", preview.check.why},
          {"would", snapshot.services.empty() ? "" : would_do(preview, snapshot.services.front())},
          {"next", next_command(preview)}};
}

}  // namespace ronda::agent
