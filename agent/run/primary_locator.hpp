// Where a zone's primary is: the configured addresses and the addresses of the configured names, in
// their order; with none configured, what the zone's SOA names, asked of the system's resolvers.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "net/loop.hpp"
#include "net/name_servers.hpp"
#include "net/random.hpp"
#include "net/resolver.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

struct PrimaryPlaces {
  std::vector<net::Endpoint> servers{};  // at least one
  std::vector<std::string> names{};  // what each one's certificate must name; empty: its address
  friend bool operator==(const PrimaryPlaces&, const PrimaryPlaces&) = default;
};

class PrimaryLocator {
 public:
  using Answer = std::expected<PrimaryPlaces, std::string>;  // error: a sentence

  // May block: it is called in the worker.
  using NameServers = std::function<std::vector<net::Endpoint>()>;

  // All borrowed things outlive it.
  PrimaryLocator(
      net::Loop& loop, net::Random& random, net::Resolver& resolver, net::Worker& worker,
      const ZoneConfig& config,
      NameServers name_servers = [] { return net::system_name_servers(); });
  PrimaryLocator(const PrimaryLocator&) = delete;
  PrimaryLocator& operator=(const PrimaryLocator&) = delete;

  // Nothing but addresses is configured: locating again would find the same.
  bool fixed() const;
  // One search at a time. Calls back once, and inside the call when fixed().
  void locate(std::function<void(Answer)> on_done);

 private:
  void discover();
  void ask_name_server(std::size_t index);
  void resolve(std::size_t index);
  void add(net::IpAddress address, const net::HostPort& host);
  std::uint16_t default_port() const;
  void finish();
  void fail(const std::string& why);

  net::Loop& loop_;
  net::Random& random_;
  net::Resolver& resolver_;
  net::Worker& worker_;
  const ZoneConfig& config_;
  NameServers list_name_servers_;
  std::function<void(Answer)> on_done_{};
  std::vector<net::Endpoint> name_servers_{};
  std::vector<net::HostPort> hosts_{};
  PrimaryPlaces places_{};
  std::string complaint_{};
  net::Handle pending_{};
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the worker's answer may come after us
};

}  // namespace ronda::agent
