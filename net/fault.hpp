// What went wrong on a socket and whose fault it was, classified once. A probe that failed because
// *we* ran out of descriptors must never count against a replica: origin tells the two apart.
#pragma once

#include <cstdint>
#include <string>

namespace ronda::net {

enum class Phase : std::uint8_t { resolve, open, connect, tls_handshake, send, receive };
enum class Origin : std::uint8_t { ours, theirs };

struct Fault {
  Phase phase = Phase::open;
  int error = 0;  // errno, 0 when the cause is not a system call (TLS, early close)
  Origin origin = Origin::theirs;
  std::string text{};  // one short phrase: "connection refused", "certificate has expired"
  friend bool operator==(const Fault&, const Fault&) = default;
};

// Who told: our own kernel, in the call that asked it for something, or the network, in what came
// back to a socket later (a rejected connection, SO_ERROR, recv).
enum class Told : std::uint8_t { at_once, later };

//                                              | at once           | later
// ENETUNREACH, EHOSTUNREACH, ENONET            | ours: our routes  | theirs: ICMP, no neighbour
// EACCES                                       | ours: "prohibit"  | theirs: ICMPv6 prohibited
// ECONNREFUSED, ECONNRESET, ETIMEDOUT, EPIPE.. | theirs            | theirs
// EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN,     | ours              | ours
// EADDRNOTAVAIL, EPERM (our packet filter), .. |                   |
Fault classify(Phase phase, int error, Told told = Told::at_once);
const char* to_string(Phase phase);

}  // namespace ronda::net
