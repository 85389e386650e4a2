#include "probes/dns_judge.hpp"

#include <functional>

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using dnsupdate::Message;
using dnsupdate::Name;
using dnsupdate::Rdata;
using dnsupdate::RrType;

Name name(const char* text) {
  return Name::parse(text).value();
}

Message question() {
  return dns_question({.name = "example.com"}, 4711);
}

void add(Message& reply, const char* owner, RrType type, const char* data) {
  reply.answer.push_back({.owner = name(owner),
                          .type = type,
                          .ttl = 60,
                          .rdata = Rdata::parse(type, data).value().wire()});
}

Message soa_reply(const char* serial) {
  Message reply = question();
  reply.header.qr = true;
  reply.header.aa = true;
  add(reply, "EXAMPLE.com", RrType::SOA,
      (std::string("ns.example.com host.example.com ") + serial + " 1 2 3 4").c_str());
  return reply;
}

std::string said(const ProbeResult& result) {
  return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
         result.detail;
}

std::string judged(const DnsCheck& check, const Message& reply) {
  return said(judge_reply(check, reply));
}

std::string why_none(const std::function<void(Message&)>& change, std::size_t cut = 0) {
  Message reply = soa_reply("7");
  change(reply);
  auto octets = dnsupdate::write_message(reply).value();
  octets.resize(octets.size() - cut);
  const auto read = read_reply(octets, question());
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("dns: a server that must know by itself is asked without RD, a resolver with it") {
  CHECK(question().header.rd);
  CHECK(question_text(question()) == "SOA example.com");
  CHECK_FALSE(dns_question({.name = "example.com", .authoritative = true}, 1).header.rd);
  CHECK_FALSE(dns_question({.name = "example.com", .serial_lag = 0}, 1).header.rd);
  const Message other = dns_question({.name = "www.example.com", .qtype = 28}, 2);
  CHECK(question_text(other) == "AAAA www.example.com");
  CHECK(question_text(reference_question({.name = "example.com", .qtype = 28}, 2)) ==
        "SOA example.com");
}

TEST_CASE("dns: only a reply to this very question counts") {
  CHECK(why_none([](Message&) {}).empty());
  // The spelling may differ: names have no case.
  CHECK(
      why_none([](Message& reply) { reply.question.front().name = name("EXAMPLE.com"); }).empty());
  CHECK(why_none([](Message& reply) { reply.header.id = 4712; }) == "another id");
  CHECK(why_none([](Message& reply) { reply.question.front().name = name("example.org"); }) ==
        "another question");
  CHECK(why_none([](Message& reply) { reply.question.front().type = RrType::A; }) ==
        "another question");
  CHECK(why_none([](Message& reply) {
          reply.question.front().rr_class = dnsupdate::RrClass::CH;
        }) == "another question");
  CHECK(why_none([](Message& reply) { reply.question.clear(); }) == "another question");
  // A server that refuses need not repeat what it refuses.
  CHECK(why_none([](Message& reply) {
          reply.question.clear();
          reply.header.rcode = static_cast<std::uint8_t>(dnsupdate::Rcode::REFUSED);
        }) == "");
  CHECK(why_none([](Message& reply) { reply.question.push_back(reply.question.front()); }) ==
        "another question");
  CHECK(why_none([](Message& reply) { reply.header.qr = false; }) == "no reply to a query");
  CHECK(why_none([](Message& reply) { reply.header.opcode = dnsupdate::Opcode::NOTIFY; }) ==
        "no reply to a query");
  CHECK_THAT(why_none([](Message&) {}, 1), Catch::Matchers::StartsWith("malformed: "));
  CHECK(read_reply({}, question()).error() == "shorter than a DNS message");
}

TEST_CASE("dns: the rcode is named, and what it usually means") {
  const DnsCheck check{.name = "example.com"};
  CHECK(judged(check, soa_reply("7")) == "pass L7OK: NOERROR, authoritative, 1 record, serial 7");
  struct Row {
    std::uint8_t rcode;
    const char* expected;
  };
  for (const Row& row :
       {Row{1, "FORMERR: it does not understand the question"},
        Row{2,
            "SERVFAIL: it cannot answer: a zone not loaded or expired, or a resolver without a "
            "way"},
        Row{3, "NXDOMAIN: there the name does not exist"},
        Row{5, "REFUSED: it does not serve this zone, or not to us (allow-query)"},
        Row{9, "NOTAUTH: it is not authoritative for the zone"}, Row{15, "RCODE15"}}) {
    Message reply = soa_reply("7");
    reply.header.rcode = row.rcode;
    CHECK(judged(check, reply) == std::string("fail L7STS: expected NOERROR, got ") + row.expected);
  }
  Message gone = soa_reply("7");
  gone.header.rcode = 3;
  gone.answer.clear();
  CHECK(judged({.name = "example.com", .rcode = 3}, gone) ==
        "pass L7OK: NXDOMAIN, authoritative, 0 records");
  CHECK(judged({.name = "example.com", .rcode = 3}, soa_reply("7")) ==
        "fail L7STS: expected NXDOMAIN, got NOERROR");
}

TEST_CASE("dns: authority, where it is asked for") {
  Message reply = soa_reply("7");
  reply.header.aa = false;
  CHECK(judged({.name = "example.com"}, reply) == "pass L7OK: NOERROR, 1 record");
  CHECK_THAT(judged({.name = "example.com", .authoritative = true}, reply),
             Catch::Matchers::StartsWith(
                 "fail L7RSP: expected an authoritative answer, got one without AA"));
}

TEST_CASE("dns: a pattern looks at each record of the answer as owner, TTL, class, type, data") {
  Message reply = soa_reply("7");
  reply.answer.clear();
  DnsCheck check{.name = "www.example.com", .qtype = 1, .answer = " A 192\\.0\\.2\\.7$"};
  CHECK(judged(check, reply) ==
        "fail L7RSP: expected an answer that matches \" A 192\\.0\\.2\\.7$\", got none");
  add(reply, "www.example.com", RrType::A, "192.0.2.1");
  CHECK(judged(check, reply) ==
        "fail L7RSP: expected an answer that matches \" A "
        "192\\.0\\.2\\.7$\", got \"www.example.com 60 IN A 192.0.2.1\"");
  add(reply, "www.example.com", RrType::A, "192.0.2.7");
  CHECK(judged(check, reply) == "pass L7OK: www.example.com 60 IN A 192.0.2.7");
  check.answer = "^www.example.com 60 IN A 192";
  CHECK(judged(check, reply) == "pass L7OK: www.example.com 60 IN A 192.0.2.1");
  // Nothing matches over two records, nor in the authority section.
  check.answer = "192.0.2.1.*192.0.2.7";
  CHECK_THAT(judged(check, reply), ContainsSubstring("192.0.2.1\" and 1 more"));
  std::swap(reply.answer, reply.authority);
  check.answer = "192";
  CHECK_THAT(judged(check, reply), ContainsSubstring("got none"));
  // An empty answer never matches, not even everything.
  check.answer = ".*";
  CHECK_THAT(judged(check, reply), ContainsSubstring("got none"));
}

TEST_CASE("dns: data that is not what its type says is no match and no harm") {
  Message reply = soa_reply("7");
  reply.answer.front() = {.owner = name("www.example.com"), .type = RrType::A, .rdata = "abc"};
  CHECK_THAT(judged({.name = "www.example.com", .qtype = 1, .answer = "192"}, reply),
             ContainsSubstring("got \"www.example.com 0 IN A (malformed)\""));
}

TEST_CASE("dns: an answer that was cut is good for what stands in its header alone") {
  Message reply = soa_reply("7");
  reply.header.tc = true;
  CHECK(judged({.name = "example.com"}, reply) ==
        "pass L7OK: NOERROR, authoritative, cut short (TC), 1 record");
  CHECK_THAT(judged({.name = "example.com", .answer = "SOA"}, reply),
             ContainsSubstring("write \"transport\": \"tcp\""));
  DnsCheck lag{.name = "example.com", .serial_lag = 0, .reference = DnsReference{}};
  CHECK_THAT(said(judge_lag(lag, reply, 7)), ContainsSubstring("write \"transport\": \"tcp\""));
}

TEST_CASE("dns: the serial is told to whom compares replicas") {
  const ProbeResult result = judge_reply({.name = "example.com"}, soa_reply("4294967295"));
  REQUIRE(result.reading.measures.size() == 1);
  CHECK(result.reading.measures[0].value == 4294967295.0);
  Message other = soa_reply("7");
  other.answer.clear();
  CHECK(judge_reply({.name = "example.com"}, other).reading.empty());
}

TEST_CASE("dns: how far a secondary may be behind its primary") {
  const DnsCheck check{
      .name = "example.com",
      .serial_lag = 2,
      .reference = DnsReference{.endpoint = {*net::IpAddress::parse("192.0.2.53"), 53}}};
  const auto lag = [&](const char* serial, std::uint32_t primary) {
    return said(judge_lag(check, soa_reply(serial), primary));
  };
  CHECK(lag("7", 7) == "pass L7OK: serial 7, as the primary's");
  CHECK(lag("7", 9) == "pass L7OK: serial 7, 2 behind the primary's 9");
  CHECK(lag("7", 10) ==
        "fail L7RSP: expected at most 2 behind the primary 192.0.2.53:53, got serial 7, 3 behind "
        "the primary's 10");
  CHECK(lag("9", 7) == "pass L7OK: serial 9, 2 ahead of the primary's 7");
  // Over the turn (RFC 1982).
  CHECK(lag("4294967295", 1) == "pass L7OK: serial 4294967295, 2 behind the primary's 1");
  CHECK_THAT(lag("4294967295", 2), Catch::Matchers::StartsWith("fail L7RSP: "));
  CHECK_THAT(lag("0", 4294967295), ContainsSubstring("1 ahead"));
  CHECK_THAT(lag("0", 2147483648), ContainsSubstring("pass L7OK: serial 0, 2147483648 ahead"));
  // The primary's silence is not the replica's fault.
  CHECK(said(judge_lag(check, soa_reply("7"), std::unexpected("connection refused"))) ==
        "pass L7OK: serial 7; lag not judged, the primary 192.0.2.53:53 does not tell its serial: "
        "connection refused");
  Message reply = soa_reply("7");
  reply.header.aa = false;
  CHECK(said(judge_lag(check, reply, 7)) ==
        "fail L7RSP: expected an authoritative SOA of example.com, got NOERROR, 1 record");
  CHECK_FALSE(read_reference(check, reply));
  CHECK(read_reference(check, soa_reply("8")) == 8);
}

TEST_CASE("dns: what a watcher sees of a reply") {
  CHECK(
      reply_lines(soa_reply("7")) ==
      std::vector<std::string>{"NOERROR, authoritative: 1 record, 0 of authority, 0 additional",
                               "EXAMPLE.com 60 IN SOA ns.example.com host.example.com 7 1 2 3 4"});
}

}  // namespace ronda::probes
