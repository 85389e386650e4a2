#include "probes/dns_judge.hpp"

#include <algorithm>

#include "dnsupdate/wire/serial.hpp"
#include "probes/dialogue.hpp"
#include "probes/pattern.hpp"

namespace ronda::probes {

namespace {

using dnsupdate::Message;
using dnsupdate::Name;
using dnsupdate::Rcode;
using dnsupdate::ResourceRecord;
using dnsupdate::RrType;

// The config reader has parsed it once; the root, should it be none, is harmless to ask for.
Name name_of(const DnsCheck& check) {
  return Name::parse(check.name).value_or(Name());
}

Message question_of(const DnsCheck& check, std::uint16_t id, RrType type, bool recursive) {
  Message question;
  question.header.id = id;
  question.header.rd = recursive;
  question.question.push_back({.name = name_of(check), .type = type});
  return question;
}

std::string text_of(const ResourceRecord& record) {
  const auto data = dnsupdate::Rdata::from_wire(record.type, record.rdata);
  return record.owner.to_string() + " " + std::to_string(record.ttl) + " " +
         to_string(record.rr_class) + " " + to_string(record.type) + " " +
         (data ? data->to_string() : "(malformed)");
}

std::string meaning(Rcode rcode) {
  switch (rcode) {
    case Rcode::FORMERR:
    case Rcode::NOTIMP:
      return "it does not understand the question";
    case Rcode::SERVFAIL:
      return "it cannot answer: a zone not loaded or expired, or a resolver without a way";
    case Rcode::NXDOMAIN:
      return "there the name does not exist";
    case Rcode::REFUSED:
      return "it does not serve this zone, or not to us (allow-query)";
    case Rcode::NOTAUTH:
      return "it is not authoritative for the zone";
    default:
      return "";
  }
}

std::string count_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " record" : " records");
}

std::string summary(const Message& reply) {
  return to_string(reply.rcode()) + (reply.header.aa ? ", authoritative" : "") +
         (reply.header.tc ? ", cut short (TC)" : "");
}

ProbeResult fail_cut(const std::string& what) {
  return make_fail(Code::L7RSP, "expected " + what +
                                    ", got an answer cut short (TC): it does not fit into a "
                                    "datagram; write \"transport\": \"tcp\"");
}

ProbeResult judge_answer(const DnsCheck& check, const Message& reply) {
  const std::string expected = "an answer that matches \"" + check.answer + "\"";
  if (reply.header.tc) {
    return fail_cut(expected);
  }
  const Pattern pattern(check.answer);
  for (const ResourceRecord& record : reply.answer) {
    const std::string text = text_of(record);
    if (pattern.matches(text)) {
      return make_pass(Code::L7OK, text);
    }
  }
  const std::string got =
      reply.answer.empty() ? "none"
                           : "\"" + text_of(reply.answer.front()) + "\"" +
                                 (reply.answer.size() > 1
                                      ? " and " + std::to_string(reply.answer.size() - 1) + " more"
                                      : "");
  return make_fail(Code::L7RSP, "expected " + expected + ", got " + got);
}

}  // namespace

// Where this server itself must know, it must not be able to ask another: without RD a resolver
// says only what it has. A resolver is asked with RD, as its clients do, or it would answer from
// its cache alone. Authoritative servers do not look at it (RFC 1034 4.3.1).
Message dns_question(const DnsCheck& check, std::uint16_t id) {
  const bool recursive = !check.authoritative && !check.serial_lag;
  return question_of(check, id, static_cast<RrType>(check.qtype), recursive);
}

Message reference_question(const DnsCheck& check, std::uint16_t id) {
  return question_of(check, id, RrType::SOA, false);
}

std::string question_text(const Message& question) {
  const dnsupdate::Question& asked = question.question.front();
  return to_string(asked.type) + " " + asked.name.to_string();
}

std::vector<std::string> reply_lines(const Message& reply) {
  std::vector<std::string> lines{summary(reply) + ": " + count_text(reply.answer.size()) + ", " +
                                 std::to_string(reply.authority.size()) + " of authority, " +
                                 std::to_string(reply.additional.size()) + " additional"};
  std::ranges::transform(reply.answer, std::back_inserter(lines), text_of);
  return lines;
}

std::expected<Message, std::string> read_reply(std::span<const std::byte> octets,
                                               const Message& question) {
  constexpr std::size_t kHeader = 12;
  if (octets.size() < kHeader) {
    return std::unexpected("shorter than a DNS message");
  }
  // First, and cheaply: whoever guesses may send much.
  const auto id = static_cast<std::uint16_t>((std::to_integer<unsigned>(octets[0]) << 8U) |
                                             std::to_integer<unsigned>(octets[1]));
  if (id != question.header.id) {
    return std::unexpected("another id");
  }
  auto reply = dnsupdate::read_message(octets);
  if (!reply) {
    return std::unexpected("malformed: " + reply.error().what);
  }
  if (!reply->header.qr || reply->header.opcode != question.header.opcode) {
    return std::unexpected("no reply to a query");
  }
  // A server that cannot or will not read the question may leave it out.
  const bool refuses = reply->question.empty() && reply->rcode() != Rcode::NOERROR;
  if (reply->question != question.question && !refuses) {
    return std::unexpected("another question");
  }
  return *std::move(reply);
}

ReferenceSerial read_reference(const DnsCheck& check, const Message& reply) {
  if (const auto serial = dnsupdate::serial_of(reply, name_of(check))) {
    return *serial;
  }
  return std::unexpected("it answers " + summary(reply) + " without the zone's SOA");
}

ProbeResult judge_reply(const DnsCheck& check, const Message& reply) {
  const auto expected = static_cast<Rcode>(check.rcode);
  const Rcode rcode = reply.rcode();
  if (rcode != expected) {
    const std::string why = meaning(rcode);
    return make_fail(Code::L7STS, "expected " + to_string(expected) + ", got " + to_string(rcode) +
                                      (why.empty() ? "" : ": " + why));
  }
  if (check.authoritative && !reply.header.aa) {
    return make_fail(Code::L7RSP,
                     "expected an authoritative answer, got one without AA: this server does not "
                     "serve the zone, it resolves or refers");
  }
  if (!check.answer.empty()) {
    return judge_answer(check, reply);
  }
  ProbeResult result =
      make_pass(Code::L7OK, summary(reply) + ", " + count_text(reply.answer.size()));
  if (const auto serial = dnsupdate::serial_of(reply, name_of(check))) {
    result.reading = {.measures = {{.name = "stamp", .value = static_cast<double>(*serial)}},
                      .said = "serial " + std::to_string(*serial)};
    result.detail += ", " + result.reading.said;
  }
  return result;
}

ProbeResult judge_lag(const DnsCheck& check, const Message& reply,
                      const ReferenceSerial& reference) {
  if (reply.header.tc) {
    return fail_cut("the zone's SOA");
  }
  const auto serial = dnsupdate::serial_of(reply, name_of(check));
  if (!serial) {
    return make_fail(Code::L7RSP, "expected an authoritative SOA of " + check.name + ", got " +
                                      summary(reply) + ", " + count_text(reply.answer.size()));
  }
  const std::string primary = check.reference->endpoint.to_string();
  const std::string own = "serial " + std::to_string(*serial);
  if (!reference) {
    return make_pass(Code::L7OK, own + "; lag not judged, the primary " + primary +
                                     " does not tell its serial: " + reference.error());
  }
  const std::int32_t lag = dnsupdate::behind(*serial, *reference);
  const std::string place = " " + std::to_string(lag < 0 ? -std::int64_t{lag} : lag) +
                            (lag < 0 ? " ahead of" : " behind") + " the primary's " +
                            std::to_string(*reference);
  if (lag > 0 && static_cast<std::uint32_t>(lag) > *check.serial_lag) {
    return make_fail(Code::L7RSP, "expected at most " + std::to_string(*check.serial_lag) +
                                      " behind the primary " + primary + ", got " + own + "," +
                                      place);
  }
  return make_pass(Code::L7OK, own + (lag == 0 ? ", as the primary's" : "," + place));
}

}  // namespace ronda::probes
