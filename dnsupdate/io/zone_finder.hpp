// Which zone an owner name belongs to, asked of one server with SOA queries: from the name upwards,
// until an answer names a zone at or above it. What the answer says about the primary is a hint,
// never a proof (RFC 2136 4.3): MNAME may be stale, hidden or made up.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "dnsupdate/io/client.hpp"
#include "dnsupdate/wire/name.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"

namespace ronda::dnsupdate {

struct FoundZone {
  Name zone{};
  Name primary{};  // MNAME, a hint
  std::uint32_t serial = 0;
  friend bool operator==(const FoundZone&, const FoundZone&) = default;
};

struct FinderSettings {
  net::Endpoint server{};
  TsigKeyPtr key{};  // null: unsigned
  Transport transport = Transport::automatic;
  PrimaryTls tls{};
  std::optional<net::IpAddress> source{};
  net::Duration timeout = std::chrono::seconds(2);  // of one question and its answer
  // A resolver is asked: any of its answers will do. Otherwise the server must be authoritative.
  bool recursive = false;
};

// Calls back once, never inside this call; dropping the handle cancels. The error is a sentence.
[[nodiscard]] net::Handle find_zone(
    net::Loop& loop, net::Random& random, const FinderSettings& settings, const Name& owner,
    std::function<void(std::expected<FoundZone, std::string>)> on_done);

}  // namespace ronda::dnsupdate
