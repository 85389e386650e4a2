// A whole zone as it comes in an AXFR (RFC 5936): the question, and the judge of each message of
// the answer. Records are handed on only once a signature covers them (RFC 8945 5.3.1: the first
// and the last message are signed, and of those between at least every hundredth). Bounded in
// octets and records. No sockets, no clock: octets and the time are handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "dnsupdate/update/diagnosis.hpp"
#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/tsig.hpp"

namespace ronda::dnsupdate {

struct TransferLimits {
  std::size_t octets = std::size_t{128} * 1024 * 1024;
  std::size_t records = 1'000'000;
};

struct TransferFault {
  bool refused = false;  // the server answered, and does not hand the zone out to us
  std::string detail{};  // a sentence
  friend bool operator==(const TransferFault&, const TransferFault&) = default;
};

class TransferReader {
 public:
  // `key` may be null: nothing is signed, and the answer proves nothing.
  TransferReader(Name zone, TsigKeyPtr key, DiagnosisContext context, TransferLimits limits = {});

  // The question, signed; a new attempt begins.
  const Bytes& ask(std::uint16_t id, net::WallTime now);
  // The records that are proven by now, in their order, without the SOA at the end.
  std::expected<std::vector<ResourceRecord>, TransferFault> take(std::span<const std::byte> octets,
                                                                 net::WallTime now);
  bool done() const { return ended_; }

 private:
  struct Unsigned {
    Bytes octets{};  // whole messages, one behind the other
    std::size_t count = 0;
  };

  std::unexpected<TransferFault> broken(const std::string& why) const;
  std::expected<void, TransferFault> check_frame(const Message& message) const;
  std::expected<void, TransferFault> check_signature(std::span<const std::byte> octets,
                                                     const Message& message, net::WallTime now);
  std::expected<void, TransferFault> check_rcode(const Message& message) const;
  std::expected<void, TransferFault> collect(const Message& message);

  Name zone_;
  TsigKeyPtr key_;
  DiagnosisContext context_;
  TransferLimits limits_;
  std::uint16_t id_ = 0;
  SignedMessage question_{};
  Bytes last_mac_{};
  Unsigned unsigned_{};
  bool first_ = true;
  bool proven_ = false;  // the message just taken was signed, or nothing is
  bool ended_ = false;
  std::string soa_{};  // data of the first one; empty: not seen yet
  std::size_t octets_seen_ = 0;
  std::size_t records_seen_ = 0;
  std::vector<ResourceRecord> waiting_{};  // for a signature
};

}  // namespace ronda::dnsupdate
