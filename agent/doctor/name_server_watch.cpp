#include "agent/doctor/name_server_watch.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "dnsupdate/update/update_request.hpp"

namespace ronda::agent {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kMostServers = 32;
constexpr auto kPause = std::chrono::milliseconds(100);

}  // namespace

NameServerWatch::NameServerWatch(const Surroundings& around, const ZoneConfig& zone,
                                 std::optional<std::uint16_t> port,
                                 std::vector<net::Endpoint> primaries)
    : around_(around), zone_(zone), port_(port) {
  for (net::Endpoint& primary : primaries) {
    primary.port = port_ ? primary.port : kDnsPort;
    known_.insert(primary);
  }
}

void NameServerWatch::find(NameServers names, std::function<void()> on_done) {
  names_ = std::move(names);
  for (auto& [name, addresses] : names_) {
    if (addresses.empty()) {
      gathering_.wait_for([&](const Gathering::Done& done) {
        return around_.resolver.resolve(name.to_string(),
                                        [&addresses, done](const net::Resolver::Answer& answer) {
                                          if (answer) {
                                            addresses = *answer;
                                          }
                                          done();
                                        });
      });
    }
  }
  gathering_.then([this, on_done = std::move(on_done)] {
    list_servers();
    on_done();
  });
}

void NameServerWatch::list_servers() {
  for (const auto& [name, addresses] : names_) {
    if (addresses.empty()) {
      servers_.push_back({.facts = {.name = name.to_string()}});
    }
    for (const net::IpAddress& address : addresses) {
      const net::Endpoint server{address, port_.value_or(kDnsPort)};
      if (servers_.size() == kMostServers || !known_.insert(server).second) {
        continue;
      }
      dnsupdate::ClientSettings settings;
      settings.zone = zone_.zone;
      settings.servers = {server};
      settings.transport = dnsupdate::Transport::udp;
      settings.timeout = zone_.timeout;
      servers_.push_back(
          {.facts = {.name = name.to_string(), .server = server, .has_address = true},
           .exchange =
               std::make_unique<dnsupdate::Exchange>(around_.loop, around_.random, settings)});
    }
  }
}

void NameServerWatch::follow(std::uint32_t serial, net::Duration patience,
                             std::function<void()> on_done) {
  serial_ = serial;
  patience_ = patience;
  start_ = around_.loop.now();
  for (Server& server : servers_) {
    if (server.exchange) {
      gathering_.wait_for([&](const Gathering::Done& done) {
        ask(server, done);
        return net::Handle();
      });
    }
  }
  gathering_.then(std::move(on_done));
}

void NameServerWatch::ask(Server& server, const Gathering::Done& done) {
  const auto question =
      dnsupdate::query_message({.owner = zone_.zone, .type = dnsupdate::RrType::SOA});
  server.pending = server.exchange->ask(question, [this, &server, done](dnsupdate::Answer answer) {
    server.facts.answer = std::move(answer);
    server.facts.waited = around_.loop.now() - start_;
    const auto serial = serial_of(server.facts.answer, zone_.zone);
    if (serial && dnsupdate::behind(*serial, serial_) > 0 && server.facts.waited < patience_) {
      server.pending = around_.loop.at(around_.loop.now() + kPause,
                                       [this, &server, done] { ask(server, done); });
    } else {
      done();
    }
  });
}

bool NameServerWatch::has_address(const dnsupdate::Name& name, net::IpAddress address) const {
  const auto found = names_.find(name);
  return found != names_.end() && std::ranges::find(found->second, address) != found->second.end();
}

std::vector<NameServerFacts> NameServerWatch::facts() const {
  std::vector<NameServerFacts> facts;
  for (const Server& server : servers_) {
    facts.push_back(server.facts);
  }
  return facts;
}

}  // namespace ronda::agent
