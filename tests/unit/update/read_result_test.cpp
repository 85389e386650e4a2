#include "dnsupdate/update/read_result.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

ResourceRecord record(const std::string& owner, RrType type, const std::string& text,
                      std::uint32_t ttl = 60) {
  return {.owner = name(owner),
          .type = type,
          .ttl = ttl,
          .rdata = Rdata::parse(type, text).value().wire()};
}

Message reply(std::vector<ResourceRecord> answer, Rcode rcode = Rcode::NOERROR, bool aa = true) {
  Message message;
  message.header.qr = true;
  message.header.aa = aa;
  message.header.rcode = static_cast<std::uint8_t>(rcode);
  message.answer = std::move(answer);
  return message;
}

ReadResult judge(const Message& message) {
  return judge_read(key_of("www.example.com"), message, "192.0.2.53:53");
}

TEST_CASE("judge_read: what counts as an answer") {
  const ReadResult found = judge(reply({record("WwW.example.com", RrType::A, "192.0.2.2", 90),
                                        record("www.example.com", RrType::A, "192.0.2.1", 90),
                                        record("www.example.com", RrType::A, "192.0.2.1", 90),
                                        record("other.example.com", RrType::A, "192.0.2.9"),
                                        record("www.example.com", RrType::TXT, "\"x\"")}));
  REQUIRE(found);
  CHECK(found->to_strings() == Strings{"192.0.2.1", "192.0.2.2"});
  CHECK(found->ttl == 90);
  CHECK(judge(reply({record("WwW.example.com", RrType::A, "192.0.2.2")}))->key.owner.to_string() ==
        "WwW.example.com");
  const ReadResult nodata = judge(reply({}));
  REQUIRE(nodata);
  CHECK(nodata->empty());
  CHECK(nodata->ttl == 0);
  const ReadResult nxdomain = judge(reply({}, Rcode::NXDOMAIN));
  REQUIRE(nxdomain);
  CHECK(nxdomain->empty());
}

TEST_CASE("judge_read: what is no answer and must never look empty") {
  struct Row {
    const char* what;
    Message message;
    ReadFaultKind kind;
    const char* sentence;
  };
  Message referral = reply({}, Rcode::NOERROR, false);
  referral.authority.push_back(record("example.com", RrType::NS, "ns.example.net"));
  Message truncated = reply({record("www.example.com", RrType::A, "192.0.2.1")});
  truncated.header.tc = true;
  Message malformed = reply({record("www.example.com", RrType::A, "192.0.2.1")});
  malformed.answer[0].rdata = "abc";
  Message extended = reply({});
  extended.additional.push_back(
      {.owner = Name(), .type = RrType::OPT, .rr_class = RrClass{1232}, .ttl = 0x01000000});
  const std::vector<Row> rows = {
      {"AA missing",
       reply({record("www.example.com", RrType::A, "192.0.2.1")}, Rcode::NOERROR, false),
       ReadFaultKind::not_authoritative, "primary"},
      {"AA missing, empty", reply({}, Rcode::NOERROR, false), ReadFaultKind::not_authoritative,
       "without authority"},
      {"AA missing, NXDOMAIN", reply({}, Rcode::NXDOMAIN, false), ReadFaultKind::not_authoritative,
       "without authority"},
      {"SERVFAIL", reply({}, Rcode::SERVFAIL), ReadFaultKind::refused, "not loaded"},
      {"REFUSED", reply({}, Rcode::REFUSED), ReadFaultKind::refused, "REFUSED"},
      {"NOTAUTH", reply({}, Rcode::NOTAUTH), ReadFaultKind::refused, "not the primary"},
      {"BADVERS in OPT", extended, ReadFaultKind::refused, "BADVERS"},
      {"CNAME at the owner",
       reply({record("www.example.com", RrType::CNAME, "web.example.com"),
              record("web.example.com", RrType::A, "192.0.2.1")}),
       ReadFaultKind::alias, "alias"},
      {"CNAME at the owner, target missing",
       reply({record("www.example.com", RrType::CNAME, "web.example.com")}, Rcode::NXDOMAIN),
       ReadFaultKind::alias, "alias"},
      {"DNAME above",
       reply({record("example.com", RrType::DNAME, "example.net"),
              record("www.example.com", RrType::CNAME, "www.example.net")}),
       ReadFaultKind::alias, "alias"},
      {"referral", referral, ReadFaultKind::referral, "zone cut at example.com"},
      {"truncated", truncated, ReadFaultKind::refused, "short"},
      {"malformed", malformed, ReadFaultKind::refused, "malformed"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const ReadResult result = judge(row.message);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == row.kind);
    CHECK(result.error().rcode == row.message.rcode());
    CHECK(result.error().server == "192.0.2.53:53");
    CHECK_THAT(result.error().detail, ContainsSubstring(row.sentence));
  }
}

TEST_CASE("judge_read: a DNAME at the owner itself leaves its other records readable") {
  const ReadResult result = judge(reply({record("www.example.com", RrType::DNAME, "example.net"),
                                         record("www.example.com", RrType::A, "192.0.2.1")}));
  REQUIRE(result);
  CHECK(result->data.size() == 1);
  const ReadResult alias =
      judge_read(key_of("www.example.com", RrType::CNAME),
                 reply({record("www.example.com", RrType::CNAME, "web.example.com")}), "s");
  REQUIRE(alias);
  CHECK(alias->to_strings() == Strings{"web.example.com"});
}

}  // namespace
}  // namespace ronda::test
