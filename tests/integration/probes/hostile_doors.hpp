// For each kind of check what a good server says, turn by turn, and what never becomes that: where
// servers that mean it ill may step in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/check.hpp"

namespace ronda::test {

// What a good server says next, and what never becomes that, however often it is repeated.
struct Turn {
  std::string answer{};
  std::string endless{};
  std::string beginning{};  // of the endless
  // Then TLS begins, after so many more octets of the client.
  std::optional<std::size_t> secures{};
};

// A server to one kind of check. `turns` end with what decides.
struct Door {
  probes::CheckSpec check{};
  bool client_first = false;
  std::vector<Turn> turns{};

  bool has_handshake() const { return check.tls != probes::TlsMode::off; }
  // The first that is said under TLS; past the end where the handshake decides.
  std::size_t first_secured_turn() const;
};

// `open_port` of this machine is the one that a good FTP server offers for data.
std::vector<Door> all_doors(std::uint16_t open_port, net::Duration timeout);

}  // namespace ronda::test
