#include "dnsupdate/update/signed_request.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kTsigRoom = 700;  // two names, 64 octets of MAC, fields
constexpr std::size_t kMessageLimit = 65'535;

// The server's clock is the time of its signature; with BADTIME that is ours, and its own stands in
// six octets beside it (RFC 8945 5.2.3).
std::optional<std::chrono::seconds> clock_skew(const TsigRecord& record, net::WallTime now) {
  std::uint64_t server = record.time_signed;
  if (record.error == TsigError::BADTIME) {
    if (record.other.size() != 6) {
      return std::nullopt;
    }
    server = 0;
    for (const std::byte octet : record.other) {
      server = (server << 8U) | std::to_integer<std::uint64_t>(octet);
    }
  }
  const auto ours = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  return std::chrono::seconds(server) - ours;
}

// RFC 2136 3.8 and servers that refuse leave the question out; a query's data needs it.
bool answers(const Message& reply, const std::vector<Question>& question) {
  const bool may_be_left_out =
      reply.header.opcode == Opcode::UPDATE || reply.rcode() != Rcode::NOERROR;
  return reply.question == question || (reply.question.empty() && may_be_left_out);
}

}  // namespace

std::expected<SignedRequest, std::string> SignedRequest::make(const Message& message,
                                                              TsigKeyPtr key,
                                                              DiagnosisContext context) {
  auto octets = write_message(message);
  if (!octets || octets->size() + kTsigRoom > kMessageLimit) {
    return std::unexpected("the message for " + context.zone +
                           " does not fit into 65,535 octets: the RRset is too large for DNS");
  }
  SignedRequest request;
  request.template_ = *std::move(octets);
  request.opcode_ = message.header.opcode;
  request.question_ = message.question;
  request.key_ = std::move(key);
  request.context_ = std::move(context);
  request.context_.reading = !request.is_update();
  return request;
}

const Bytes& SignedRequest::sign(std::uint16_t id, net::WallTime now) {
  Bytes octets = template_;
  octets[0] = static_cast<std::byte>(id >> 8U);
  octets[1] = static_cast<std::byte>(id & 0xffU);
  id_ = id;
  if (key_) {
    signed_ = tsig_sign(octets, *key_, now);
  } else {
    signed_ = {.octets = std::move(octets)};
  }
  return signed_.octets;
}

Judgement SignedRequest::judge(std::span<const std::byte> octets, Carrier carrier,
                               net::WallTime now) const {
  auto verified = verify(octets, now);
  if (verified) {
    return Accept{.reply = *std::move(verified)};
  }
  if (carrier == Carrier::datagram) {
    return Ignore{.hint = std::move(verified).error()};
  }
  return Close{.hint = std::move(verified).error()};
}

std::expected<Reply, NoReply> SignedRequest::verify(std::span<const std::byte> octets,
                                                    net::WallTime now) const {
  NoReply bad{.kind = NoReplyKind::unauthenticated, .sent = true};
  const auto reject = [&](const std::string& why) {
    bad.detail = diagnose_unauthenticated(context_, bad.rcode, bad.tsig_error, why);
    return std::unexpected(std::move(bad));
  };
  auto message = read_message(octets);
  if (!message) {
    return reject("it is malformed: " + message.error().what);
  }
  if (message->header.id != id_) {
    return reject("its id is not our question's");
  }
  bad.rcode = message->rcode();
  if (!message->header.qr || message->header.opcode != opcode_) {
    return reject("it is no answer to our question");
  }
  if (!key_) {
    if (!answers(*message, question_)) {
      return reject("it answers another question");
    }
    return Reply{.message = *std::move(message)};
  }
  const auto verified = tsig_verify(octets, *key_, signed_.mac, now);
  if (!verified) {
    bad.tsig_error = verified.error().error;
    return reject(to_sentence(verified.error().fault));
  }
  Reply reply{.message = *std::move(message), .skew = clock_skew(verified->record, now)};
  if (verified->record.error != TsigError::NOERROR) {
    reply.tsig_error = verified->record.error;
  }
  return reply;
}

}  // namespace ronda::dnsupdate
