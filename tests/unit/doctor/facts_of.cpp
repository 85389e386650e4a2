#include "tests/unit/doctor/facts_of.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

namespace ronda::test {

using namespace agent;
using namespace dnsupdate;

namespace {

std::string octets(std::uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU));
  }
  return text;
}

std::string soa_data(std::uint32_t serial) {
  std::string data(name("ns.example.com").wire());
  data += name("hostmaster.example.com").wire();
  return data + octets(serial) + octets(3600) + octets(600) + octets(86400) + octets(60);
}

}  // namespace

Reply reply_of(Rcode rcode) {
  Reply reply{.skew = std::chrono::seconds(0)};
  reply.message.header.qr = true;
  reply.message.header.rcode = static_cast<std::uint8_t>(rcode);
  return reply;
}

NoReply no_reply(NoReplyKind kind, const std::string& detail) {
  return {.kind = kind, .detail = detail};
}

Reply soa_of(const std::string& zone, std::uint32_t serial) {
  Reply reply = reply_of(Rcode::NOERROR);
  reply.message.header.aa = true;
  reply.message.answer.push_back({.owner = name(zone),
                                  .type = RrType::SOA,
                                  .rr_class = RrClass::IN,
                                  .ttl = 60,
                                  .rdata = soa_data(serial)});
  return reply;
}

Reply expire_of(const std::string& zone, std::uint32_t left) {
  Reply reply = soa_of(zone, 1);
  // A cookie before it, as BIND sends one.
  reply.message.additional.push_back(
      {.type = RrType::OPT,
       .rr_class = static_cast<RrClass>(1232),
       .rdata = std::string("\0\x0a\0\x02xx", 6) + std::string("\0\x09\0\x04", 4) + octets(left)});
  return reply;
}

NameServerFacts name_server(Answer answer) {
  return {.name = "ns2.example.com",
          .server = {net::IpAddress::parse("192.0.2.53").value(), 53},
          .has_address = true,
          .answer = std::move(answer)};
}

ZoneFacts healthy_facts() {
  ZoneFacts facts;
  facts.zone = name("example.com");
  facts.server = "127.0.0.1:53";
  facts.key_name = "ronda";
  facts.algorithm = "hmac-sha256";
  facts.key_file = "/etc/ronda/tsig.key";
  facts.soa = soa_of("example.com", 7);
  facts.plain_soa = soa_of("example.com", 7);
  facts.last_soa = soa_of("example.com", 7);
  facts.expire = expire_of("example.com", 86400);
  facts.update = reply_of(Rcode::YXRRSET);
  facts.version = "9.18.49-1~deb12u3-Debian";
  facts.records.push_back({.service = "www.example.com",
                           .key = key_of("www.example.com"),
                           .addresses = 2,
                           .read = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}),
                           .permission = reply_of(Rcode::YXRRSET)});
  return facts;
}

Strings heads(const std::vector<DoctorFinding>& findings) {
  Strings all;
  for (const DoctorFinding& finding : findings) {
    all.push_back(std::string(to_string(finding.grade)) + " " + finding.topic);
  }
  return all;
}

DoctorFinding about(const std::vector<DoctorFinding>& findings, const std::string& topic) {
  const auto found = std::ranges::find(findings, topic, &DoctorFinding::topic);
  REQUIRE(found != findings.end());
  return *found;
}

}  // namespace ronda::test
