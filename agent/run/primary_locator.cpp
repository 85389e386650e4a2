#include "agent/run/primary_locator.hpp"

#include <algorithm>
#include <utility>

#include "dnsupdate/io/zone_finder.hpp"

namespace ronda::agent {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kTlsPort = 853;
constexpr std::size_t kMostServers = 32;

}  // namespace

PrimaryLocator::PrimaryLocator(net::Loop& loop, net::Random& random, net::Resolver& resolver,
                               net::Worker& worker, const ZoneConfig& config,
                               NameServers name_servers)
    : loop_(loop),
      random_(random),
      resolver_(resolver),
      worker_(worker),
      config_(config),
      list_name_servers_(std::move(name_servers)) {}

bool PrimaryLocator::fixed() const {
  return !config_.primaries.empty() &&
         std::ranges::all_of(config_.primaries, [](const net::HostPort& primary) {
           return net::IpAddress::parse(primary.host).has_value();
         });
}

void PrimaryLocator::locate(std::function<void(Answer)> on_done) {
  on_done_ = std::move(on_done);
  places_ = {};
  complaint_.clear();
  hosts_ = config_.primaries;
  if (hosts_.empty()) {
    discover();
  } else {
    resolve(0);
  }
}

void PrimaryLocator::discover() {
  auto servers = std::make_shared<std::vector<net::Endpoint>>();
  worker_.submit([servers, list = list_name_servers_] { *servers = list(); },
                 [this, servers, still = std::weak_ptr<int>(alive_)] {
                   if (!still.expired()) {
                     name_servers_ = std::move(*servers);
                     ask_name_server(0);
                   }
                 });
}

void PrimaryLocator::ask_name_server(std::size_t index) {
  dnsupdate::FinderSettings settings;
  settings.server = name_servers_[index];
  settings.transport = dnsupdate::Transport::udp;
  settings.timeout = config_.timeout;
  settings.recursive = true;
  pending_ = dnsupdate::find_zone(
      loop_, random_, settings, config_.zone,
      [this, index](const std::expected<dnsupdate::FoundZone, std::string>& found) {
        if (!found) {
          complaint_ = found.error();
        } else if (!(found->zone == config_.zone)) {
          complaint_ = "the name lies in the zone \"" + found->zone.to_string() + "\"";
        } else {
          hosts_ = {{.host = found->primary.to_string(), .port = default_port()}};
          resolve(0);
          return;
        }
        if (index + 1 < name_servers_.size()) {
          ask_name_server(index + 1);
        } else {
          fail(complaint_);
        }
      });
}

void PrimaryLocator::resolve(std::size_t index) {
  for (; index < hosts_.size(); ++index) {
    const auto literal = net::IpAddress::parse(hosts_[index].host);
    if (!literal) {
      break;
    }
    add(*literal, hosts_[index]);
  }
  if (index == hosts_.size()) {
    finish();
    return;
  }
  pending_ =
      resolver_.resolve(hosts_[index].host, [this, index](const net::Resolver::Answer& answer) {
        if (!answer || answer->empty()) {
          complaint_ = answer ? hosts_[index].host + " has no address" : answer.error();
        } else {
          for (const net::IpAddress& address : *answer) {
            add(address, hosts_[index]);
          }
        }
        resolve(index + 1);
      });
}

void PrimaryLocator::add(net::IpAddress address, const net::HostPort& host) {
  const net::Endpoint server{address, host.port.value_or(default_port())};
  if (config_.source && config_.source->family() != address.family()) {
    complaint_ = "\"source\" " + config_.source->to_string() + " cannot reach " +
                 server.to_string() + ", which is of the other family";
    return;
  }
  if (places_.servers.size() == kMostServers ||
      std::ranges::find(places_.servers, server) != places_.servers.end()) {
    return;
  }
  places_.servers.push_back(server);
  const bool own_name = config_.tls_name.empty() && !net::IpAddress::parse(host.host);
  places_.names.push_back(own_name ? host.host : config_.tls_name);
}

std::uint16_t PrimaryLocator::default_port() const {
  return config_.transport == dnsupdate::Transport::tls ? kTlsPort : kDnsPort;
}

void PrimaryLocator::finish() {
  if (places_.servers.empty()) {
    fail(complaint_);
    return;
  }
  const auto on_done = std::exchange(on_done_, {});
  on_done(std::exchange(places_, {}));
}

void PrimaryLocator::fail(const std::string& why) {
  const std::string zone = "\"" + config_.zone.to_string() + "\"";
  const auto on_done = std::exchange(on_done_, {});
  on_done(std::unexpected(config_.primaries.empty()
                              ? "the primary of zone " + zone +
                                    " cannot be found through its SOA (" + why +
                                    "); write its address into \"primary\""
                              : "the primary of zone " + zone + " has no address (" + why +
                                    "); write its address into \"primary\" or mend the resolver"));
}

}  // namespace ronda::agent
