#include "dnsupdate/update/transfer_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ronda::dnsupdate {
namespace {

constexpr RrType kAxfr{252};
constexpr std::size_t kUnsignedMost = 99;  // RFC 8945 5.3.1

bool is_signed(const Message& message) {
  return !message.additional.empty() && message.additional.back().type == RrType::TSIG;
}

}  // namespace

TransferReader::TransferReader(Name zone, TsigKeyPtr key, DiagnosisContext context,
                               TransferLimits limits)
    : zone_(std::move(zone)), key_(std::move(key)), context_(std::move(context)), limits_(limits) {
  context_.reading = true;
}

const Bytes& TransferReader::ask(std::uint16_t id, net::WallTime now) {
  Message message;
  message.header.id = id;
  message.question.push_back({.name = zone_, .type = kAxfr});
  Bytes octets = write_message(message).value();  // a header and one name always fit
  id_ = id;
  question_ = key_ ? tsig_sign(octets, *key_, now) : SignedMessage{.octets = std::move(octets)};
  last_mac_ = question_.mac;
  return question_.octets;
}

std::unexpected<TransferFault> TransferReader::broken(const std::string& why) const {
  return std::unexpected(TransferFault{.detail = "the transfer of zone \"" + zone_.to_string() +
                                                 "\" from " + context_.server +
                                                 " is not to be trusted: " + why});
}

std::expected<std::vector<ResourceRecord>, TransferFault> TransferReader::take(
    std::span<const std::byte> octets, net::WallTime now) {
  octets_seen_ += octets.size();
  if (octets_seen_ > limits_.octets) {
    return broken("it goes on after " + std::to_string(limits_.octets) + " octets");
  }
  const auto message = read_message(octets);
  if (!message) {
    return broken("a message is malformed: " + message.error().what);
  }
  if (ended_) {
    return broken("it goes on after its end");
  }
  std::expected<void, TransferFault> good = check_frame(*message);
  if (good) {
    good = check_signature(octets, *message, now);
  }
  if (good) {
    good = check_rcode(*message);
  }
  if (good) {
    good = collect(*message);
  }
  if (!good) {
    return std::unexpected(std::move(good).error());
  }
  first_ = false;
  if (ended_ && !proven_) {
    return broken("its last message is not signed");
  }
  return proven_ ? std::exchange(waiting_, {}) : std::vector<ResourceRecord>{};
}

std::expected<void, TransferFault> TransferReader::check_frame(const Message& message) const {
  if (message.header.id != id_ || !message.header.qr || message.header.opcode != Opcode::QUERY) {
    return broken("a message is no answer to our question");
  }
  const std::vector<Question> asked{{.name = zone_, .type = kAxfr}};
  // RFC 5936 2.2.1: later messages, and refusals, may leave the question out.
  const bool may_be_left_out = !first_ || message.rcode() != Rcode::NOERROR;
  if (message.question != asked && !(message.question.empty() && may_be_left_out)) {
    return broken("a message answers another question");
  }
  if (message.header.tc) {
    return broken("a message is cut short");
  }
  return {};
}

std::expected<void, TransferFault> TransferReader::check_signature(
    std::span<const std::byte> octets, const Message& message, net::WallTime now) {
  if (!key_) {
    proven_ = true;
    return {};
  }
  proven_ = false;
  if (!first_ && !is_signed(message)) {
    if (++unsigned_.count > kUnsignedMost) {
      return broken("more than 99 messages in a row are not signed");
    }
    unsigned_.octets.insert(unsigned_.octets.end(), octets.begin(), octets.end());
    return {};
  }
  const auto verified = first_ ? tsig_verify(octets, *key_, last_mac_, now)
                               : tsig_verify_next(octets, *key_, last_mac_, unsigned_.octets, now);
  if (!verified) {
    const std::string why = to_sentence(verified.error().fault);
    if (first_) {
      return std::unexpected(
          TransferFault{.detail = diagnose_unauthenticated(context_, message.rcode(),
                                                           verified.error().error, why)});
    }
    return broken("of a later message, " + why);
  }
  if (verified->record.error != TsigError::NOERROR) {
    return std::unexpected(
        TransferFault{.detail = diagnose_reply(context_, message.rcode(), verified->record.error)});
  }
  last_mac_ = verified->record.mac;
  unsigned_ = {};
  proven_ = true;
  return {};
}

std::expected<void, TransferFault> TransferReader::check_rcode(const Message& message) const {
  const Rcode rcode = message.rcode();
  if (rcode == Rcode::NOERROR) {
    return {};
  }
  if (!proven_) {
    return broken("an error in its middle is not signed");
  }
  const std::string who = key_ ? "the key \"" + key_->name.to_string() + "\"" : "us without a key";
  return std::unexpected(TransferFault{.refused = true,
                                       .detail = context_.server + " does not hand the zone \"" +
                                                 zone_.to_string() + "\" out (" + to_string(rcode) +
                                                 "): its allow-transfer does not list " + who});
}

std::expected<void, TransferFault> TransferReader::collect(const Message& message) {
  if (message.answer.empty()) {
    return broken("a message has no records");
  }
  for (const ResourceRecord& record : message.answer) {
    if (ended_) {
      return broken("records follow its last one");
    }
    if (!record.owner.is_within(zone_) || record.rr_class != RrClass::IN) {
      return broken("it holds a record of \"" + record.owner.to_string() +
                    "\", which lies outside the zone");
    }
    const bool soa = record.type == RrType::SOA;
    if (soa ? record.owner != zone_ : soa_.empty()) {
      return broken("it does not begin and end with the zone's SOA");
    }
    if (++records_seen_ > limits_.records) {
      return broken("it goes on after " + std::to_string(limits_.records) + " records");
    }
    if (soa && !soa_.empty()) {
      if (record.rdata != soa_) {
        return broken("the SOA at its end is not the one at its beginning; try again");
      }
      ended_ = true;
      continue;
    }
    if (soa) {
      soa_ = record.rdata;
    }
    waiting_.push_back(record);
  }
  return {};
}

}  // namespace ronda::dnsupdate
