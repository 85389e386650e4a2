// TSIG (RFC 8945) over octets: signing a request and verifying the reply to it. Time comes in as a
// parameter; MAC before time; constant-time comparison. Keys come from key_file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/name.hpp"
#include "net/secret.hpp"
#include "net/time.hpp"

namespace ronda::dnsupdate {

enum class TsigAlgorithm : std::uint8_t {
  hmac_md5,
  hmac_sha1,
  hmac_sha224,
  hmac_sha256,
  hmac_sha384,
  hmac_sha512,
};
// BIND's and the wire's names. BIND's truncating forms ("hmac-sha256-128") give their algorithm:
// whole MACs are sent, which such a server accepts and answers in kind.
std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text);
Name algorithm_name(TsigAlgorithm algorithm);  // hmac-md5.sig-alg.reg.int ...
std::size_t mac_length(TsigAlgorithm algorithm);

struct TsigKey {
  Name name{};
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
  net::Secret secret{};
};
using TsigKeyPtr = std::shared_ptr<const TsigKey>;

constexpr std::uint16_t kFudge = 300;  // seconds; never more: the server honours what we send

// The fields of a TSIG record (RFC 8945 4.2).
struct TsigRecord {
  Name key_name{};
  Name algorithm{};
  std::uint64_t time_signed = 0;  // seconds since 1970, 48 bits
  std::uint16_t fudge = kFudge;
  Bytes mac{};
  std::uint16_t original_id = 0;
  TsigError error = TsigError::NOERROR;
  Bytes other{};
  friend bool operator==(const TsigRecord&, const TsigRecord&) = default;
};

struct SignedMessage {
  Bytes octets{};
  Bytes mac{};  // needed to verify the reply
};

// Appends a TSIG record to an unsigned message, which must leave room for it within 65,535 octets
// (std::length_error if not). `request_mac` is for signing replies (test servers).
SignedMessage tsig_sign(const Bytes& unsigned_message, const TsigKey& key, net::WallTime now,
                        std::span<const std::byte> request_mac = {},
                        TsigError error = TsigError::NOERROR, const Bytes& other = {});

// The MAC over a message without its TSIG record, given the record's fields (RFC 8945 4.3.3).
// `timers_only` is the form for the second and later messages of a TCP chain.
Bytes tsig_mac(std::span<const std::byte> message_without_tsig, const TsigRecord& fields,
               const TsigKey& key, std::span<const std::byte> request_mac,
               bool timers_only = false);

enum class TsigFault : std::uint8_t {
  missing,       // no TSIG in the message
  malformed,     // not last, twice, wrong class, unreadable
  wrong_key,     // another key or algorithm than the request's
  bad_mac_size,  // not the hash's length: we never truncate, so no one may towards us
  no_mac,        // empty MAC: BADSIG and BADKEY replies, unauthenticated by nature
  bad_mac,
  bad_time,  // right MAC, but outside our own fudge
};

const char* to_sentence(TsigFault fault);  // "its signature is wrong"

struct TsigVerified {
  TsigRecord record{};
};
struct TsigRejected {
  TsigFault fault = TsigFault::missing;
  std::optional<TsigError>
      error{};  // what an unauthenticated record claims, for the diagnosis only
};
// Verifies a whole reply to the request whose MAC was `request_mac`. A verified record may still
// carry an error (BADTIME, BADTRUNC): the caller looks.
std::expected<TsigVerified, TsigRejected> tsig_verify(std::span<const std::byte> reply,
                                                      const TsigKey& key,
                                                      std::span<const std::byte> request_mac,
                                                      net::WallTime now);
// The same for a later message of one answer in several (RFC 8945 5.3.1): `last_mac` is that of the
// signed message before it, `between` the unsigned messages since then, whole, one behind the
// other.
std::expected<TsigVerified, TsigRejected> tsig_verify_next(std::span<const std::byte> reply,
                                                           const TsigKey& key,
                                                           std::span<const std::byte> last_mac,
                                                           std::span<const std::byte> between,
                                                           net::WallTime now);

}  // namespace ronda::dnsupdate
