// What to probe at a name of which nothing is known but its label, what points to it, and which
// well-known ports are open. A guess always says why. Pure.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "agent/config/config.hpp"
#include "dnsupdate/wire/name.hpp"

namespace ronda::agent {

// What the command line says; unset is guessed.
struct Wishes {
  std::string type{};  // a kind of check; empty: guessed
  std::optional<std::uint16_t> port{};
  std::string path{};  // of http and https
  friend bool operator==(const Wishes&, const Wishes&) = default;
};

// What the rest of the zone says about a name.
enum class Role : std::uint8_t { none, mail, name_server };

struct PortsSeen {
  std::size_t addresses = 0;                  // knocked on
  std::map<std::uint16_t, std::size_t> open;  // port -> on how many of them
};

struct Guess {
  std::string kind{};
  std::uint16_t port = 0;
  std::string path{};    // of http and https
  std::string status{};  // likewise
  std::string why{};     // a phrase: "port 443 is open on 2 of 2 addresses"

  bool default_port() const;  // of its kind
  probes::CheckSpec spec(const std::string& server_name) const;
  std::string to_string() const;  // "https on port 443, GET /"
};

// To be knocked on before a guess; none when the wishes leave nothing to find out.
std::span<const std::uint16_t> ports_to_try(const Wishes& wishes);
Guess guess_check(const dnsupdate::Name& owner, Role role, const Wishes& wishes,
                  const PortsSeen& seen);

}  // namespace ronda::agent
