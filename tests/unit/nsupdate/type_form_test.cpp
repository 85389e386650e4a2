#include "dnsupdate/nsupdate/type_form.hpp"

#include <set>

#include "dnsupdate/wire/rdata_text.hpp"
#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

TEST_CASE("text to octets and back") {
  const auto [type, text] = GENERATE(table<std::string, std::string>({
      {"A", "192.0.2.1"},
      {"NS", "ns.example."},
      {"SOA", "a. b. 1 3600 2 3 4"},
      {"HINFO", R"("a" "b c")"},
      {"MINFO", "a. b."},
      {"RP", "a. ."},
      {"PX", "1 a. b."},
      {"TXT", R"("a" "b;c")"},
      {"NAPTR", R"(1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" .)"},
      {"DS", "12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABB CCDDEEFF"},
      {"SSHFP", "4 1 00112233445566778899AABBCCDDEEFF00112233"},
      {"SSHFP", "4 3 AABB"},
      {"ZONEMD", "1 1 3 AABB"},
      {"DNSKEY", "257 3 13 AAAA"},
      {"CERT", "1 2 3 AAAA"},
      {"TLSA", "3 1 1 AABBCC"},
      {"NSEC3PARAM", "1 0 5 AABB"},
      {"NSEC3PARAM", "1 0 0 -"},
      {"OPENPGPKEY", "AAAA"},
      {"URI", R"(1 2 "http://x")"},
      {"SPF", R"("v=spf1 -all")"},
  }));
  INFO(type << " " << text);
  const RrType number = parse_type_word(type).value();
  const auto octets = parse_data(number, text);
  REQUIRE(octets);
  CHECK(data_text(number, *octets) == text);
  // Octets that end early are printed as what they are.
  for (std::size_t length = 1; length < octets->size(); ++length) {
    CHECK_FALSE(data_text(number, octets->substr(0, length)).empty());
  }
}

TEST_CASE("bad data") {
  const auto [type, text] = GENERATE(table<std::string, std::string>({
      {"MX", "10"},
      {"MX", "10 a b"},
      {"SRV", "1 2 65536 a"},
      {"DS", "12345 13 2 abc"},
      {"DS", "12345 13 2"},
      {"DS", "12345 13 2 00"},
      {"DS", "\\# 5 00010D0200"},
      {"DS", "\\# 3 00010D"},
      {"NAPTR", "\\# 1 00"},
      {"SSHFP", "4 1 00"},
      {"SSHFP", "4 1 00112233445566778899AABBCCDDEEFF0011223344"},
      {"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m"},
      {"TLSA", "3 1 1 xx"},
      {"DNSKEY", "257 3 13 A"},
      {"SOA", "a b 1 x 3 4 5"},
      {"NSEC3PARAM", "1 0 0 x"},
      {"NS", "a..b"},
      {"NAPTR", R"(1 2 "u)"},
  }));
  INFO(type << " " << text);
  CHECK_FALSE(parse_data(parse_type_word(type).value(), text));
}

TEST_CASE("unknown types are octets") {
  const RrType type = parse_type_word("TYPE65280").value();
  CHECK(parse_data(type, R"(\# 2 abcd)") == std::string("\xab\xcd"));
  CHECK(parse_data(RrType::A, R"(\# 4 c0000201)") == std::string("\xc0\x00\x02\x01", 4));
  CHECK_FALSE(parse_data(RrType::A, R"(\# 3 c00002)"));
}

TEST_CASE("names of types") {
  CHECK(parse_type_word("cname") == RrType::CNAME);
  CHECK(type_text(static_cast<RrType>(43)) == "DS");
  CHECK(type_text(static_cast<RrType>(65280)) == "TYPE65280");
  CHECK_FALSE(parse_type_word("FOO"));
  CHECK(is_meta_type(RrType::ANY));
  CHECK(is_meta_type(RrType::TSIG));
  CHECK_FALSE(is_meta_type(RrType::CAA));
  const std::vector<std::string> names = known_type_names();
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
  for (const std::string& name : names) {
    CHECK(type_text(parse_type_word(name).value()) == name);
  }
}

}  // namespace
}  // namespace ronda::test
