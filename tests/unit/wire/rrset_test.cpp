#include "dnsupdate/wire/rrset.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

RrSet addresses(std::initializer_list<std::string_view> texts) {
  RrSet set{{name_of("www.example.com"), RrType::A}, 30, {}};
  for (const std::string_view text : texts) {
    set.insert(rdata_of(RrType::A, text));
  }
  return set;
}

TEST_CASE("an RRset is sorted by data and holds nothing twice") {
  const RrSet set = addresses({"192.0.2.10", "192.0.2.9", "192.0.2.10", "9.0.0.1"});
  CHECK(set.to_strings() == std::vector<std::string>{"9.0.0.1", "192.0.2.9", "192.0.2.10"});
  CHECK(set == addresses({"9.0.0.1", "192.0.2.9", "192.0.2.10"}));
}

TEST_CASE("a spelling of what is there already is not added") {
  RrSet set{{name_of("example.com"), RrType::MX}, 30, {}};
  set.insert(rdata_of(RrType::MX, "10 Mail.x"));
  set.insert(rdata_of(RrType::MX, "10 mail.x"));
  CHECK(set.to_strings() == std::vector<std::string>{"10 Mail.x"});
  CHECK(set.contains(rdata_of(RrType::MX, "10 MAIL.x")));
  set.erase(rdata_of(RrType::MX, "10 mail.X"));
  CHECK(set.empty());
}

TEST_CASE("erasing what is not there changes nothing") {
  RrSet set = addresses({"192.0.2.1"});
  set.erase(rdata_of(RrType::A, "192.0.2.2"));
  CHECK(set == addresses({"192.0.2.1"}));
}

TEST_CASE("same_records looks at owner, type and data, not at the TTL") {
  RrSet other = addresses({"192.0.2.1"});
  other.ttl = 60;
  other.key.owner = name_of("WWW.example.com");
  CHECK(same_records(addresses({"192.0.2.1"}), other));
  CHECK(addresses({"192.0.2.1"}) != other);
  other.key.type = RrType::AAAA;
  CHECK_FALSE(same_records(addresses({"192.0.2.1"}), other));
}

TEST_CASE("numbers have their RFC's names, and a form for those without") {
  CHECK(to_string(RrType::AAAA) == "AAAA");
  CHECK(to_string(static_cast<RrType>(1234)) == "TYPE1234");
  CHECK(to_string(RrClass::NONE) == "NONE");
  CHECK(to_string(static_cast<RrClass>(4)) == "CLASS4");
  CHECK(to_string(Rcode::NXRRSET) == "NXRRSET");
  CHECK(to_string(static_cast<Rcode>(17)) == "RCODE17");
  CHECK(to_string(TsigError::BADTIME) == "BADTIME");
  CHECK(parse_rr_type("aaaa") == RrType::AAAA);
  for (const char* const name : {"DS", "DNSKEY", "NAPTR", "TLSA", "SSHFP", "HINFO"}) {
    const auto type = parse_rr_type(name);
    REQUIRE(type);
    CHECK(to_string(*type) == name);
  }
  CHECK(parse_rr_type("TYPE28") == RrType::AAAA);
  CHECK(parse_rr_type("type65535") == static_cast<RrType>(65535));
  for (const char* const text : {"", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "AA"}) {
    CHECK_FALSE(parse_rr_type(text));
  }
}

}  // namespace
}  // namespace ronda::dnsupdate
