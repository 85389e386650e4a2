// The configuration as the rest of the agent sees it: complete, checked, every default applied,
// every reference resolved. Values only; the reader makes it, nothing changes it afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/address.hpp"
#include "net/time.hpp"
#include "net/tls_contexts.hpp"
#include "probes/check.hpp"

namespace ronda::agent {

enum class WriteMode : std::uint8_t { enforce, observe };

struct Timing {
  net::Duration interval = std::chrono::seconds(10);
  net::Duration fast_interval = std::chrono::seconds(2);
  int fall = 3;  // consecutive-or-accumulated failures that make DOWN
  int rise = 3;
  int ok = 1;  // consecutive passes that forgive failures
  friend auto operator<=>(const Timing&, const Timing&) = default;
};

struct ZoneConfig {
  std::string id{};
  dnsupdate::Name zone{};
  // Alternatives in their order, ports filled in (53, over TLS 853); empty: found through the SOA.
  std::vector<net::HostPort> primaries{};
  std::filesystem::path key_file{};
  dnsupdate::TsigKeyPtr key{};
  dnsupdate::Transport transport = dnsupdate::Transport::automatic;
  net::TlsSettings tls{};  // with Transport::tls
  std::string tls_name{};  // what the certificate must name; empty: the primary's name or address
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(2);
  net::Duration reconcile = std::chrono::seconds(15);
};

enum class Scope : std::uint8_t { local, dependency };

// One check of one member, ready to run. `name` is the check's name in the config ("web"), or its
// kind when it stands inline.
struct MemberCheck {
  std::string name{};
  probes::CheckSpec spec{};  // server_name filled in
  net::Endpoint endpoint{};
  Timing timing{};
  Scope scope = Scope::local;
  bool critical = false;
};

// Where a report about a replica begins to count against it, and where it ends to.
struct Mark {
  std::string measure{};
  double high = 0;
  double low = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

// One entry of a service's `load`, or its `freshness`: what its reports mean. An agent's word needs
// no mark.
struct DemotionRule {
  std::string name{};               // "agent", "freshness"
  std::vector<Mark> marks{};        // of load
  std::optional<double> max_lag{};  // of freshness
  bool in_seconds = true;           // ... and what it is counted in
  bool wraps = false;               // ... a serial number
  net::Duration ttl{};              // what is older says nothing
  friend bool operator==(const DemotionRule&, const DemotionRule&) = default;
};

// One address of one replica: what is judged and published.
struct Member {
  std::string replica{};  // the replica's name, default its address
  net::IpAddress address{};
  std::optional<std::uint16_t> port{};  // the replica's own; every check's endpoint has it already
  int tier = 1;
  std::vector<MemberCheck> checks{};
  // What is asked for the service's demotions, one each: reports, which judge nothing.
  std::vector<MemberCheck> reports{};
};

struct RequireAll {
  friend bool operator==(RequireAll, RequireAll) = default;
};
struct RequireAny {
  friend bool operator==(RequireAny, RequireAny) = default;
};
using Require = std::variant<RequireAll, RequireAny, int>;  // int: at least so many

enum class WhenAllDown : std::uint8_t { keep, all, fallback, none };

struct MinHealthy {
  int count = 1;
  bool percent = false;  // count is then 0..100 of the members of the tier in service, rounded up
  friend bool operator==(const MinHealthy&, const MinHealthy&) = default;
};

struct ServiceConfig {
  std::string id{};
  dnsupdate::Name name{};
  bool probes_only = false;  // "type": "none": zone and name mean nothing then
  std::size_t zone = 0;      // index into Config::zones
  WriteMode mode = WriteMode::enforce;
  std::vector<Member> members{};  // config order
  std::vector<DemotionRule> demotions{};
  Require require = RequireAll{};
  std::optional<std::uint32_t> ttl{};
  bool families_apart = false;
  MinHealthy min_healthy{};
  WhenAllDown when_all_down = WhenAllDown::keep;
  std::vector<net::IpAddress> fallback{};
  bool remove_foreign = false;
};

struct Config {
  std::filesystem::path file{};
  WriteMode mode = WriteMode::enforce;
  std::vector<ZoneConfig> zones{};
  std::vector<ServiceConfig> services{};
  // Shared checks that no service uses: endpoints without an address, names and zones as written.
  std::vector<MemberCheck> spare_checks{};
  net::Duration grace = std::chrono::seconds(30);
  std::optional<std::filesystem::path> control_socket{};  // as configured
  std::optional<std::filesystem::path> state_dir{};
  std::vector<std::string> warnings{};  // "file:line:col: warning: ..."
};

}  // namespace ronda::agent
