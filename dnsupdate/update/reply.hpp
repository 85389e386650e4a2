// What came of one question to the primary: a verified reply, or none and why. A reply that could
// not be verified is no reply; what it claimed is kept for the diagnosis only.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/rr_type.hpp"
#include "dnsupdate/wire/serial.hpp"

namespace ronda::dnsupdate {

struct Reply {
  Message message{};
  std::optional<TsigError> tsig_error{};       // verified, and not NOERROR: BADTIME, BADTRUNC
  std::optional<std::chrono::seconds> skew{};  // the primary's clock minus ours, where signed
  std::string server{};                        // that answered; empty: the only one
  bool resent = false;                         // more than one copy of the question was sent
  friend bool operator==(const Reply&, const Reply&) = default;
};

enum class NoReplyKind : std::uint8_t { unreachable, timeout, closed, unauthenticated, unsendable };

struct NoReply {
  NoReplyKind kind = NoReplyKind::unreachable;
  bool sent = false;                      // octets may have reached the primary: it may act on them
  std::optional<Rcode> rcode{};           // as claimed by an unauthenticated reply
  std::optional<TsigError> tsig_error{};  // likewise
  std::string detail{};                   // cause and cure in a sentence
  std::string server{};                   // that was asked last; empty: the only one
  friend bool operator==(const NoReply&, const NoReply&) = default;
};

using Answer = std::expected<Reply, NoReply>;

inline std::optional<std::uint32_t> serial_of(const Answer& answer, const Name& zone) {
  return answer ? serial_of(answer->message, zone) : std::nullopt;
}

}  // namespace ronda::dnsupdate
