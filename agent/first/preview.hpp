// `ronda try` without its IO: the config that one name's addresses make when nobody wrote one, and
// what is said about the outcome. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/first/guess.hpp"
#include "agent/ops/snapshot.hpp"
#include "dnsupdate/wire/name.hpp"
#include "net/address.hpp"

namespace ronda::agent {

// What was found before the first probe.
struct Preview {
  dnsupdate::Name name{};
  dnsupdate::Name zone{};
  std::string primary{};  // "127.0.0.1:53"
  std::string primary_how{};
  std::string server_option{};  // what was written after --server; empty: nothing
  std::vector<net::IpAddress> addresses{};
  Guess check{};
};

// One service that never writes, each address a replica, without a key.
Config preview_config(const Preview& preview, const std::vector<net::HostPort>& primaries);

// "would remove 192.0.2.2", "nothing to do" ...; empty when nothing could be judged.
std::string would_do(const Preview& preview, const ServiceStatus& service);
std::string next_command(const Preview& preview);

// For a person, the Nagios line first; terminal escapes only with `color`.
std::string preview_text(const Preview& preview, const Snapshot& snapshot, bool color);
// What the JSON says beside the snapshot.
std::vector<std::pair<std::string, std::string>> preview_facts(const Preview& preview,
                                                               const Snapshot& snapshot);

}  // namespace ronda::agent
