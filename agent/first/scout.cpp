#include "agent/first/scout.hpp"

#include <algorithm>
#include <utility>

#include "agent/first/knock.hpp"
#include "agent/run/wait_for.hpp"
#include "dnsupdate/io/client.hpp"

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kDnsPort = 53;
constexpr net::Duration kPatience = 1s;

}  // namespace

std::expected<std::vector<net::Endpoint>, std::string> Scout::resolve(const dnsupdate::Name& zone,
                                                                      const net::HostPort& host) {
  ZoneConfig config;
  config.zone = zone;
  config.primaries = {host};
  PrimaryLocator locator(loop_, random_, resolver_, worker_, config);
  auto places = wait_for<PrimaryLocator::Answer>(loop_, [&](auto on_done) {
    return loop_.at(loop_.now(), [&locator, on_done] { locator.locate(on_done); });
  });
  if (!places) {
    return std::unexpected("the address of \"" + host.host +
                           "\" cannot be found; name the primary with --server ADDRESS");
  }
  return std::move(places->servers);
}

std::expected<dnsupdate::FoundZone, std::string> Scout::find_zone(
    const std::vector<net::Endpoint>& servers, const dnsupdate::Name& name,
    const dnsupdate::TsigKeyPtr& key, bool recursive) {
  using Found = std::expected<dnsupdate::FoundZone, std::string>;
  Found found = std::unexpected(std::string("there is no name server to ask"));
  for (const net::Endpoint& server : servers) {
    dnsupdate::FinderSettings settings;
    settings.server = server;
    settings.key = key;
    settings.recursive = recursive;
    if (recursive) {
      settings.transport = dnsupdate::Transport::udp;
    }
    found = wait_for<Found>(loop_, [&](std::function<void(Found)> on_done) {
      return dnsupdate::find_zone(loop_, random_, settings, name, std::move(on_done));
    });
    if (found) {
      break;
    }
  }
  return found;
}

std::expected<Whereabouts, std::string> Scout::locate(const dnsupdate::Name& name,
                                                      const std::optional<net::HostPort>& server,
                                                      const dnsupdate::TsigKeyPtr& key) {
  Whereabouts found;
  if (server) {
    found.primary = *server;
    found.how = "given with --server";
    auto servers = resolve(name, {server->host, server->port.value_or(kDnsPort)});
    if (!servers) {
      return std::unexpected(std::move(servers).error());
    }
    found.servers = *std::move(servers);
    auto zone = find_zone(found.servers, name, key, false);
    if (!zone) {
      return std::unexpected(std::move(zone).error());
    }
    found.zone = std::move(zone->zone);
    return found;
  }
  const auto resolvers = list_name_servers_();
  auto zone = find_zone(resolvers, name, nullptr, true);
  if (!zone) {
    return std::unexpected("the zone of \"" + name.to_string() + "\" cannot be found (" +
                           zone.error() + "); name its primary with --server ADDRESS");
  }
  found.zone = std::move(zone->zone);
  found.primary.host = zone->primary.to_string();
  found.how = "named by the zone's SOA";
  auto servers = resolve(found.zone, {found.primary.host, kDnsPort});
  if (!servers) {
    return std::unexpected(std::move(servers).error());
  }
  found.servers = *std::move(servers);
  return found;
}

std::vector<dnsupdate::ReadResult> Scout::read(const Whereabouts& place,
                                               const dnsupdate::TsigKeyPtr& key,
                                               std::vector<dnsupdate::RrsetKey> keys) {
  dnsupdate::ClientSettings settings;
  settings.zone = place.zone;
  settings.servers = place.servers;
  settings.key = key;
  dnsupdate::Client client(loop_, random_, settings);
  using Results = std::vector<dnsupdate::ReadResult>;
  return wait_for<Results>(loop_, [&](std::function<void(Results)> on_done) {
    return client.read(std::move(keys), std::move(on_done));
  });
}

std::expected<void, dnsupdate::TransferFault> Scout::transfer(const Whereabouts& place,
                                                              const dnsupdate::TsigKeyPtr& key,
                                                              Survey& survey) {
  const dnsupdate::TransferSettings settings{
      .zone = place.zone, .servers = place.servers, .key = key};
  using Result = std::expected<void, dnsupdate::TransferFault>;
  return wait_for<Result>(loop_, [&](std::function<void(Result)> on_done) {
    return dnsupdate::transfer_zone(
        loop_, random_, settings,
        [&](const std::vector<dnsupdate::ResourceRecord>& records) {
          for (const dnsupdate::ResourceRecord& record : records) {
            survey.add(record);
          }
        },
        std::move(on_done));
  });
}

std::vector<net::Endpoint> Scout::knock(const std::vector<net::IpAddress>& addresses,
                                        std::span<const std::uint16_t> ports) {
  std::vector<net::Endpoint> doors;
  for (const net::IpAddress& address : addresses) {
    for (const std::uint16_t port : ports) {
      doors.push_back({address, port});
    }
  }
  if (doors.empty()) {
    return {};
  }
  using Open = std::vector<net::Endpoint>;
  return wait_for<Open>(loop_, [&](std::function<void(Open)> on_done) {
    return agent::knock(engines_, std::move(doors), kPatience, std::move(on_done));
  });
}

std::string to_string(const net::HostPort& host) {
  if (!host.port) {
    return host.host;
  }
  const bool six = host.host.find(':') != std::string::npos;
  return (six ? "[" + host.host + "]" : host.host) + ":" + std::to_string(*host.port);
}

PortsSeen count_open(const std::vector<net::IpAddress>& addresses,
                     const std::vector<net::Endpoint>& open) {
  PortsSeen seen{.addresses = addresses.size()};
  for (const net::Endpoint& door : open) {
    if (std::ranges::find(addresses, door.ip) != addresses.end()) {
      ++seen.open[door.port];
    }
  }
  return seen;
}

}  // namespace ronda::agent
