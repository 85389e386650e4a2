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

// EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EPERM, EACCES, ENETUNREACH (no local route),
// EAGAIN while opening: ours. ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ETIMEDOUT, EPIPE: theirs.
Fault classify(Phase phase, int error);
const char* to_string(Phase phase);

}  // namespace ronda::net
