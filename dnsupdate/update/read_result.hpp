// What a signed read of one RRset found. "Could not read" is never "empty": only an authoritative
// answer with records at exactly the owner, or an authoritative NXDOMAIN or NODATA, counts.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/rrset.hpp"

namespace ronda::dnsupdate {

enum class ReadFaultKind : std::uint8_t {
  unreachable,      // no connection, timeout, reset
  unauthenticated,  // a reply without a valid signature
  refused,          // NOTAUTH, REFUSED, SERVFAIL ... (see rcode, tsig_error)
  not_authoritative,
  alias,     // a CNAME or DNAME at or above the owner: a config fault of that service
  referral,  // the owner lies below a zone cut: likewise
};

struct ReadFault {
  ReadFaultKind kind = ReadFaultKind::unreachable;
  std::optional<Rcode> rcode{};
  std::optional<TsigError> tsig_error{};
  std::string server{};
  std::string detail{};  // cause and cure in a sentence
  friend bool operator==(const ReadFault&, const ReadFault&) = default;
};

using ReadResult = std::expected<RrSet, ReadFault>;

// Judges an authenticated reply to a query for `key` (design: dns-update 1). Pure.
ReadResult judge_read(const RrsetKey& key, const Message& reply, const std::string& server);

}  // namespace ronda::dnsupdate
