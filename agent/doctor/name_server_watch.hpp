// Follows the zone's name servers: finds their addresses, and asks each for its serial until it has
// the primary's or patience ends. Without a key: that is what the world sees.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/doctor/facts.hpp"
#include "agent/doctor/gathering.hpp"
#include "agent/doctor/questions.hpp"
#include "agent/doctor/surroundings.hpp"
#include "dnsupdate/io/exchange.hpp"

namespace ronda::agent {

class NameServerWatch {
 public:
  // `port`: where they all listen, 53 when not given. The primaries are not asked again; without a
  // port they are whoever has their address.
  NameServerWatch(const Surroundings& around, const ZoneConfig& zone,
                  std::optional<std::uint16_t> port, std::vector<net::Endpoint> primaries);
  NameServerWatch(const NameServerWatch&) = delete;
  NameServerWatch& operator=(const NameServerWatch&) = delete;

  // Once, before the others. `names` with the addresses that are known already.
  void find(NameServers names, std::function<void()> on_done);
  void follow(std::uint32_t serial, net::Duration patience, std::function<void()> on_done);

  bool has_address(const dnsupdate::Name& name, net::IpAddress address) const;
  std::vector<NameServerFacts> facts() const;

 private:
  struct Server {
    NameServerFacts facts{};
    std::unique_ptr<dnsupdate::Exchange> exchange{};  // null: no address
    net::Handle pending{};
  };
  void list_servers();
  void ask(Server& server, const Gathering::Done& done);

  Surroundings around_;
  const ZoneConfig& zone_;
  const std::optional<std::uint16_t> port_;
  std::set<net::Endpoint> known_{};
  NameServers names_{};
  std::vector<Server> servers_{};
  std::uint32_t serial_ = 0;
  net::Duration patience_{};
  net::SteadyTime start_{};
  Gathering gathering_{};
};

}  // namespace ronda::agent
