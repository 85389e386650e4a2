// What became of an update, as data. Applied and Unchanged are claims about the zone, made only
// after reading it back with signed queries; Unknown says honestly that the primary may still act
// on what was sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/wire/rr_type.hpp"
#include "dnsupdate/wire/rrset.hpp"
#include "net/time.hpp"

namespace ronda::dnsupdate {

enum class OutcomeKind : std::uint8_t { applied, unchanged, conflict, rejected, unknown };
const char* to_string(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::unchanged;
  std::optional<Rcode> rcode{};           // of the last authenticated reply to an UPDATE, if any
  std::optional<TsigError> tsig_error{};  // when NOTAUTH came from TSIG
  std::string server{};                   // "127.0.0.1:53"
  std::string detail{};                   // cause and cure in a sentence; empty when all is well
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// One RRset to bring from what was read to what is wanted; the whole sets, TTLs included. An empty
// `observed` means "does not exist"; an empty `wanted` removes the RRset.
struct RrsetChange {
  RrSet observed{};
  RrSet wanted{};
  friend bool operator==(const RrsetChange&, const RrsetChange&) = default;
};

struct RrsetOutcome {
  RrsetKey key{};
  Outcome outcome{};
  std::optional<RrSet> observed{};  // what the read-back found, when it could be read
};

// One UPDATE message that was sent (JSON `updates`).
struct MessageOutcome {
  std::vector<Name> owners{};
  Outcome outcome{};
  std::optional<std::uint32_t> serial{};  // the zone's after the change, as read back
  net::Duration elapsed{};                // from sending to the verified read-back
  // From the primary's NOERROR until its answers showed the change, when not at the first look.
  std::optional<net::Duration> visible_after{};
  int nudges = 0;  // effective changes it took to make the primary show it
};

struct UpdateReport {
  std::vector<RrsetOutcome> rrsets{};  // one for each change, in the order given
  std::vector<MessageOutcome> messages{};
};

}  // namespace ronda::dnsupdate
