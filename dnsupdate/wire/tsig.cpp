#include "dnsupdate/wire/tsig.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <openssl/crypto.h>

#include "dnsupdate/wire/message_reader.hpp"
#include "dnsupdate/wire/tsig_algorithm.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kHeaderLength = 12;
constexpr std::size_t kAdditionalCount = 10;  // where ARCOUNT stands
constexpr std::size_t kMaxMessage = 65535;
constexpr std::uint64_t kMaxTime = (std::uint64_t{1} << 48) - 1;

void put_number(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i > 0; --i) {
    out.push_back(static_cast<std::byte>(value >> (8 * (i - 1)) & 0xff));
  }
}

void put_text(Bytes& out, std::string_view octets) {
  for (const char octet : octets) {
    out.push_back(static_cast<std::byte>(octet));
  }
}

void put_bytes(Bytes& out, std::span<const std::byte> octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

void set_u16(Bytes& octets, std::size_t offset, std::size_t value) {
  octets[offset] = static_cast<std::byte>(value >> 8 & 0xff);
  octets[offset + 1] = static_cast<std::byte>(value & 0xff);
}

std::uint16_t get_u16(std::span<const std::byte> octets, std::size_t offset) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(octets[offset]) << 8 |
                                    std::to_integer<unsigned>(octets[offset + 1]));
}

std::uint64_t unix_seconds(net::WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  return seconds < 0 ? 0 : std::min(static_cast<std::uint64_t>(seconds), kMaxTime);
}

// Walks the data behind the algorithm name; the first read that does not fit spoils the rest.
class Cursor {
 public:
  explicit Cursor(std::string_view octets) : rest_(octets) {}

  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const char octet : take(width)) {
      value = value << 8 | static_cast<unsigned char>(octet);
    }
    return value;
  }

  Bytes bytes(std::size_t count) {
    Bytes taken;
    put_text(taken, take(count));
    return taken;
  }

  bool read_all() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    if (!good_ || count > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::optional<TsigRecord> parse_record(const ResourceRecord& record) {
  if (record.rr_class != RrClass::ANY || record.ttl != 0) {
    return std::nullopt;
  }
  std::size_t end = 0;
  while (end < record.rdata.size() && record.rdata[end] != '\0') {
    end += 1 + std::size_t{static_cast<unsigned char>(record.rdata[end])};
  }
  const std::string_view rdata = record.rdata;
  if (end >= rdata.size()) {
    return std::nullopt;
  }
  auto algorithm = Name::from_wire(rdata.substr(0, end + 1));
  if (!algorithm) {
    return std::nullopt;
  }
  TsigRecord fields;
  fields.key_name = record.owner;
  fields.algorithm = std::move(*algorithm);
  Cursor cursor(rdata.substr(end + 1));
  fields.time_signed = cursor.number(6);
  fields.fudge = static_cast<std::uint16_t>(cursor.number(2));
  fields.mac = cursor.bytes(cursor.number(2));
  fields.original_id = static_cast<std::uint16_t>(cursor.number(2));
  fields.error = static_cast<TsigError>(cursor.number(2));
  fields.other = cursor.bytes(cursor.number(2));
  if (!cursor.read_all()) {
    return std::nullopt;
  }
  return fields;
}

bool is_tsig(const ResourceRecord& record) {
  return record.type == RrType::TSIG;
}

std::size_t count_tsig(const Message& message) {
  std::ptrdiff_t count = 0;
  for (const auto* section : {&message.answer, &message.authority, &message.additional}) {
    count += std::ranges::count_if(*section, is_tsig);
  }
  return static_cast<std::size_t>(count);
}

void put_record(Bytes& out, const TsigRecord& fields) {
  Bytes rdata;
  put_text(rdata, fields.algorithm.wire());
  put_number(rdata, fields.time_signed, 6);
  put_number(rdata, fields.fudge, 2);
  put_number(rdata, fields.mac.size(), 2);
  put_bytes(rdata, fields.mac);
  put_number(rdata, fields.original_id, 2);
  put_number(rdata, static_cast<std::uint16_t>(fields.error), 2);
  put_number(rdata, fields.other.size(), 2);
  put_bytes(rdata, fields.other);
  put_text(out, fields.key_name.wire());
  put_number(out, static_cast<std::uint16_t>(RrType::TSIG), 2);
  put_number(out, static_cast<std::uint16_t>(RrClass::ANY), 2);
  put_number(out, 0, 4);
  put_number(out, rdata.size(), 2);
  put_bytes(out, rdata);
}

bool same_mac(std::span<const std::byte> a, std::span<const std::byte> b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool in_time(const TsigRecord& record, net::WallTime now) {
  const std::uint64_t ours = unix_seconds(now);
  const std::uint64_t theirs = record.time_signed;
  const std::uint64_t distance = ours > theirs ? ours - theirs : theirs - ours;
  return distance <= std::min(record.fudge, kFudge);
}

// The message as it was when it was signed: its own id, no TSIG (RFC 8945 4.3.2).
Bytes without_tsig(std::span<const std::byte> message, std::size_t record_start,
                   std::uint16_t original_id) {
  Bytes octets(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(record_start));
  set_u16(octets, 0, original_id);
  set_u16(octets, kAdditionalCount, get_u16(octets, kAdditionalCount) - 1u);
  return octets;
}

}  // namespace

const char* to_sentence(TsigFault fault) {
  switch (fault) {
    case TsigFault::missing:
      return "it carries no signature";
    case TsigFault::malformed:
      return "its signature is malformed";
    case TsigFault::wrong_key:
      return "it is signed with another key";
    case TsigFault::bad_mac_size:
      return "its signature has a wrong length";
    case TsigFault::no_mac:
      return "its signature is empty";
    case TsigFault::bad_mac:
      return "its signature is wrong";
    case TsigFault::bad_time:
      return "its signature is too old or from the future";
  }
  return "its signature is not valid";
}

Bytes tsig_mac(std::span<const std::byte> message_without_tsig, const TsigRecord& fields,
               const TsigKey& key, std::span<const std::byte> request_mac, bool timers_only) {
  Bytes digested;
  if (!request_mac.empty()) {
    put_number(digested, request_mac.size(), 2);
    put_bytes(digested, request_mac);
  }
  put_bytes(digested, message_without_tsig);
  if (!timers_only) {
    put_text(digested, fields.key_name.canonical_wire());
    put_number(digested, static_cast<std::uint16_t>(RrClass::ANY), 2);
    put_number(digested, 0, 4);
    put_text(digested, fields.algorithm.canonical_wire());
  }
  put_number(digested, fields.time_signed, 6);
  put_number(digested, fields.fudge, 2);
  if (!timers_only) {
    put_number(digested, static_cast<std::uint16_t>(fields.error), 2);
    put_number(digested, fields.other.size(), 2);
    put_bytes(digested, fields.other);
  }
  return hmac(key.algorithm, key.secret.bytes(), digested);
}

SignedMessage tsig_sign(const Bytes& unsigned_message, const TsigKey& key, net::WallTime now,
                        std::span<const std::byte> request_mac, TsigError error,
                        const Bytes& other) {
  if (unsigned_message.size() < kHeaderLength) {
    throw std::invalid_argument("tsig_sign: a message shorter than its header");
  }
  TsigRecord fields;
  fields.key_name = key.name;
  fields.algorithm = algorithm_name(key.algorithm);
  fields.time_signed = unix_seconds(now);
  fields.original_id = get_u16(unsigned_message, 0);
  fields.error = error;
  fields.other = other;
  // RFC 8945 5.3.2: a reply that could not verify the request carries no MAC.
  if (error != TsigError::BADSIG && error != TsigError::BADKEY) {
    fields.mac = tsig_mac(unsigned_message, fields, key, request_mac);
  }
  SignedMessage signed_message;
  signed_message.octets = unsigned_message;
  put_record(signed_message.octets, fields);
  if (signed_message.octets.size() > kMaxMessage) {
    throw std::length_error("tsig_sign: no room for the TSIG record within 65535 octets");
  }
  set_u16(signed_message.octets, kAdditionalCount,
          get_u16(unsigned_message, kAdditionalCount) + 1u);
  signed_message.mac = std::move(fields.mac);
  return signed_message;
}

namespace {

// What is digested before the reply itself.
struct Chain {
  std::span<const std::byte> mac{};
  std::span<const std::byte> between{};
  bool later = false;  // not the first message of the answer
};

std::expected<TsigVerified, TsigRejected> verify(std::span<const std::byte> reply,
                                                 const TsigKey& key, const Chain& chain,
                                                 net::WallTime now) {
  const auto placed = read_placed_message(reply);
  if (!placed) {
    return std::unexpected(TsigRejected{TsigFault::malformed, std::nullopt});
  }
  const Message& message = placed->message;
  const std::size_t count = count_tsig(message);
  if (count == 0) {
    return std::unexpected(TsigRejected{TsigFault::missing, std::nullopt});
  }
  if (count > 1 || message.additional.empty() || !is_tsig(message.additional.back())) {
    return std::unexpected(TsigRejected{TsigFault::malformed, std::nullopt});
  }
  auto record = parse_record(message.additional.back());
  if (!record) {
    return std::unexpected(TsigRejected{TsigFault::malformed, std::nullopt});
  }
  const auto rejected = [&record](TsigFault fault) {
    return std::unexpected(TsigRejected{fault, record->error});
  };
  if (record->key_name != key.name || record->algorithm != algorithm_name(key.algorithm)) {
    return rejected(TsigFault::wrong_key);
  }
  if (record->mac.empty()) {
    return rejected(TsigFault::no_mac);
  }
  // Truncation is allowed only to who truncates (RFC 8945 5.2.2.1), and we never do.
  if (record->mac.size() != mac_length(key.algorithm)) {
    return rejected(TsigFault::bad_mac_size);
  }
  Bytes signed_octets(chain.between.begin(), chain.between.end());
  put_bytes(signed_octets, without_tsig(reply, placed->last_record, record->original_id));
  if (!same_mac(tsig_mac(signed_octets, *record, key, chain.mac, chain.later), record->mac)) {
    return rejected(TsigFault::bad_mac);
  }
  // A BADTIME reply repeats the time of the request (RFC 8945 5.2.3); the request's MAC in its
  // digest is what makes it fresh.
  if (record->error != TsigError::BADTIME && !in_time(*record, now)) {
    return rejected(TsigFault::bad_time);
  }
  return TsigVerified{std::move(*record)};
}

}  // namespace

std::expected<TsigVerified, TsigRejected> tsig_verify(std::span<const std::byte> reply,
                                                      const TsigKey& key,
                                                      std::span<const std::byte> request_mac,
                                                      net::WallTime now) {
  return verify(reply, key, {.mac = request_mac}, now);
}

std::expected<TsigVerified, TsigRejected> tsig_verify_next(std::span<const std::byte> reply,
                                                           const TsigKey& key,
                                                           std::span<const std::byte> last_mac,
                                                           std::span<const std::byte> between,
                                                           net::WallTime now) {
  return verify(reply, key, {.mac = last_mac, .between = between, .later = true}, now);
}

}  // namespace ronda::dnsupdate
