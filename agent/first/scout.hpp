// What `ronda try` and `ronda init` find out before there is a config: the zone of a name, its
// primary, RRsets there, open ports. Each step blocks until it is done; it owns its loop, and sends
// nothing but questions.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/first/guess.hpp"
#include "agent/first/survey.hpp"
#include "agent/run/primary_locator.hpp"
#include "dnsupdate/io/zone_finder.hpp"
#include "dnsupdate/io/zone_transfer.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/curl_multi.hpp"
#include "net/resolver.hpp"
#include "net/tls_contexts.hpp"
#include "net/uv_loop.hpp"
#include "net/worker.hpp"
#include "probes/probe.hpp"

namespace ronda::agent {

struct Whereabouts {
  dnsupdate::Name zone{};
  net::HostPort primary{};               // as a config names it
  std::vector<net::Endpoint> servers{};  // its addresses, at least one
  std::string how{};                     // a phrase: "named by the zone's SOA"
};

class Scout {
 public:
  explicit Scout(PrimaryLocator::NameServers name_servers =
                     [] { return net::system_name_servers(); })
      : list_name_servers_(std::move(name_servers)) {}

  // The zone of `name` and its primary: the one given, else the one the SOA names, asked of the
  // system's resolvers. The error is a sentence.
  std::expected<Whereabouts, std::string> locate(const dnsupdate::Name& name,
                                                 const std::optional<net::HostPort>& server,
                                                 const dnsupdate::TsigKeyPtr& key);
  std::vector<dnsupdate::ReadResult> read(const Whereabouts& place,
                                          const dnsupdate::TsigKeyPtr& key,
                                          std::vector<dnsupdate::RrsetKey> keys);
  // The whole zone into the survey. What a fault leaves there is of no use.
  std::expected<void, dnsupdate::TransferFault> transfer(const Whereabouts& place,
                                                         const dnsupdate::TsigKeyPtr& key,
                                                         Survey& survey);
  // Which of the ports are open at which address.
  std::vector<net::Endpoint> knock(const std::vector<net::IpAddress>& addresses,
                                   std::span<const std::uint16_t> ports);

  net::UvLoop& loop() { return loop_; }
  net::Random& random() { return random_; }
  net::Worker& worker() { return worker_; }

 private:
  std::expected<std::vector<net::Endpoint>, std::string> resolve(const dnsupdate::Name& zone,
                                                                 const net::HostPort& host);
  std::expected<dnsupdate::FoundZone, std::string> find_zone(
      const std::vector<net::Endpoint>& servers, const dnsupdate::Name& name,
      const dnsupdate::TsigKeyPtr& key, bool recursive);

  PrimaryLocator::NameServers list_name_servers_;
  net::UvLoop loop_{};
  net::SystemRandom random_{};
  net::Resolver resolver_{loop_};
  net::Worker worker_{loop_};
  net::CurlMulti curl_{loop_};
  net::TlsContexts tls_{};
  probes::Engines engines_{.loop = loop_, .curl = curl_, .tls = tls_};
};

// "192.0.2.1", "ns.example.com:5353", "[2001:db8::1]:53": as parse_host_port() reads it.
std::string to_string(const net::HostPort& host);
// How often each port is open at these addresses.
PortsSeen count_open(const std::vector<net::IpAddress>& addresses,
                     const std::vector<net::Endpoint>& open);

}  // namespace ronda::agent
