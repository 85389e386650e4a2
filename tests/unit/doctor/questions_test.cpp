#include "agent/doctor/questions.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doctor/facts_of.hpp"

using namespace ronda::agent;
using namespace ronda::dnsupdate;
using namespace ronda::test;

TEST_CASE("no question of doctor's can come to pass") {
  const Name zone = name("example.com");
  for (const Message& message :
       {update_question(zone), permission_question(zone, key_of("www.example.com"))}) {
    CHECK(message.header.opcode == Opcode::UPDATE);
    // The zone has no SOA: of no zone is that true (RFC 2136 2.4.3).
    const ResourceRecord& condition = message.answer.back();
    CHECK(condition.owner == zone);
    CHECK(condition.type == RrType::SOA);
    CHECK(condition.rr_class == RrClass::NONE);
    CHECK(condition.rdata.empty());
    for (const ResourceRecord& change : message.authority) {
      CHECK(change.rr_class == RrClass::NONE);  // nothing is ever added
    }
  }
  CHECK(update_question(zone).authority.empty());
}

TEST_CASE("the permission asked for is for this name and type") {
  for (const RrType type : {RrType::A, RrType::AAAA}) {
    const Message message =
        permission_question(name("example.com"), key_of("www.example.com", type));
    REQUIRE(message.answer.size() == 2);
    CHECK(message.answer.front().owner == name("www.example.com"));
    CHECK(message.answer.front().type == type);
    CHECK(message.answer.front().rr_class == RrClass::ANY);  // is it really there?
    REQUIRE(message.authority.size() == 1);
    CHECK(message.authority.front().owner == name("www.example.com"));
    CHECK(message.authority.front().type == type);
    CHECK(message.authority.front().rdata == std::string(type == RrType::A ? 4 : 16, '\0'));
  }
}

TEST_CASE("a secondary gives itself away by the EXPIRE option") {
  const Name zone = name("example.com");
  CHECK_FALSE(is_secondary(expire_of("example.com", 86400), zone));
  CHECK(is_secondary(expire_of("example.com", 86399), zone));
  CHECK(is_secondary(expire_of("example.com", 90000), zone));  // BIND raises a short one
  CHECK_FALSE(is_secondary(soa_of("example.com", 1), zone));   // no option: cannot be told
  CHECK_FALSE(is_secondary(expire_of("example.org", 1), zone));
  CHECK_FALSE(is_secondary(std::unexpected(NoReply{}), zone));
}

TEST_CASE("a broken EXPIRE option is none") {
  Reply reply = expire_of("example.com", 5);
  std::string& options = reply.message.additional.back().rdata;
  CHECK(expire_option(reply.message) == 5);
  for (std::size_t length = 0; length < options.size(); ++length) {
    Reply cut = reply;
    cut.message.additional.back().rdata.resize(length);
    CHECK_FALSE(expire_option(cut.message));
  }
  options[9] = 3;  // the option's length
  CHECK_FALSE(expire_option(reply.message));
}

TEST_CASE("a short SOA has no expire time") {
  Reply reply = soa_of("example.com", 1);
  CHECK(soa_expire(reply.message, name("example.com")) == 86400);
  reply.message.answer.front().rdata.resize(21);
  CHECK_FALSE(soa_expire(reply.message, name("example.com")));
}

TEST_CASE("a serial is that of an authoritative answer for this very zone") {
  const Name zone = name("example.com");
  Reply reply = soa_of("example.com", 4294967295);
  CHECK(serial_of(reply, zone) == 4294967295);
  CHECK_FALSE(serial_of(reply, name("www.example.com")));
  reply.message.header.aa = false;
  CHECK_FALSE(serial_of(reply, zone));
  CHECK_FALSE(serial_of(std::unexpected(NoReply{}), zone));
}

TEST_CASE("a version is the first string, without what could move a cursor") {
  Reply reply = reply_of(Rcode::NOERROR);
  CHECK_FALSE(version_text(reply.message));
  reply.message.answer.push_back({.type = RrType::TXT,
                                  .rdata = std::string("\x05"
                                                       "9.1\x1b"
                                                       "8more",
                                                       10)});
  CHECK(version_text(reply.message) == "9.18");
  reply.message.answer.front().rdata =
      "\xff"
      "9.18";
  CHECK(version_text(reply.message) == "9.18");
}

TEST_CASE("name servers with the addresses that came along") {
  Reply reply = reply_of(Rcode::NOERROR);
  const auto add = [&](const std::string& host) {
    reply.message.answer.push_back({.owner = name("example.com"),
                                    .type = RrType::NS,
                                    .rdata = std::string(name(host).wire())});
  };
  add("ns1.example.com");
  add("ns.example.net");
  reply.message.additional.push_back({.owner = name("NS1.example.com"),
                                      .type = RrType::A,
                                      .rdata = std::string("\xc0\0\x02\x01", 4)});
  reply.message.additional.push_back(
      {.owner = name("other.example.com"), .type = RrType::A, .rdata = std::string(4, '\1')});
  reply.message.additional.push_back(
      {.owner = name("ns1.example.com"), .type = RrType::A, .rdata = "short of"});
  const NameServers found = name_servers(reply.message, name("example.com"));
  REQUIRE(found.size() == 2);
  CHECK(found.at(name("ns.example.net")).empty());
  REQUIRE(found.at(name("ns1.example.com")).size() == 1);
  CHECK(found.at(name("ns1.example.com")).front().to_string() == "192.0.2.1");
}
