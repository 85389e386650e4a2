#include "dnsupdate/wire/rdata.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

Bytes as_bytes(const std::string& octets) {
  Bytes bytes;
  for (const char octet : octets) {
    bytes.push_back(static_cast<std::byte>(octet));
  }
  return bytes;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

struct TextRow {
  RrType type;
  std::string text;
  std::string hex;      // as named 9.18.49 stores it
  std::string printed;  // empty: as `text`
};

TEST_CASE("record data is read from and printed in presentation form") {
  const TextRow row = GENERATE(
      TextRow{RrType::A, "192.0.2.1", "c0000201", ""},
      TextRow{RrType::AAAA, "2001:db8::53", "20010db8000000000000000000000053", ""},
      TextRow{RrType::AAAA, "2001:DB8:0:0::53", "20010db8000000000000000000000053", "2001:db8::53"},
      TextRow{RrType::NS, "ns1.Example.com.", "036e7331074578616d706c6503636f6d00",
              "ns1.Example.com"},
      TextRow{RrType::CNAME, ".", "00", ""},
      TextRow{RrType::PTR, "www.example.com", "03777777076578616d706c6503636f6d00", ""},
      TextRow{RrType::DNAME, "new.example.net", "036e6577076578616d706c65036e657400", ""},
      TextRow{RrType::MX, "10 Mail1.x", "000a054d61696c31017800", ""},
      TextRow{RrType::MX, "  0\t. ", "000000", "0 ."},
      TextRow{RrType::SRV, "10 20 5060 www.x", "000a001413c403777777017800", ""},
      TextRow{RrType::SOA, "a.x b.x 2026010101 3600 900 604800 4294967295",
              "01610178000162017800"
              "78c275f500000e100000038400093a80ffffffff",
              ""},
      TextRow{RrType::TXT, R"("v=spf1 mx" " -all")", "09763d73706631206d7805202d616c6c", ""},
      TextRow{RrType::TXT, "v=spf1 -all", "06763d73706631042d616c6c", R"("v=spf1" "-all")"},
      TextRow{RrType::TXT, R"("")", "00", ""},
      TextRow{RrType::TXT, R"("quote \" back \\ byte \001\255 semi ;")",
              "1d71756f74652022206261636b205c20627974652001ff2073656d69203b", ""},
      TextRow{RrType::A, "\\# 4 C000 0201", "c0000201", "192.0.2.1"},
      TextRow{static_cast<RrType>(65280), "\\# 4 0a000001", "0a000001", ""},
      TextRow{static_cast<RrType>(65280), "\\# 0", "", ""},
      TextRow{RrType::TXT, std::string(255, 'a'), "ff" + repeated("61", 255),
              "\"" + std::string(255, 'a') + "\""},
      TextRow{RrType::CAA, R"(0 issue "ca1.example.net")",
              "000569737375656361312e6578616d706c652e6e6574", ""},
      TextRow{RrType::CAA, "128 ISSUE ca",
              "80054953535545"
              "6361",
              R"(128 ISSUE "ca")"},
      TextRow{RrType::CAA, R"(0 issue "a;b=c \"q\" \\ \001")",
              "00056973737565613b623d6320227122205c2001", ""},
      TextRow{RrType::CAA, R"(0 issuewild ";")", "0009697373756577696c643b", ""},
      TextRow{RrType::CAA, R"(0 issue "")", "00056973737565", ""},
      TextRow{RrType::CAA, "0 issue " + std::string(300, 'a'),
              "00056973737565" + repeated("61", 300), "0 issue \"" + std::string(300, 'a') + "\""},
      TextRow{RrType::CAA, "\\# 7 00056973737565", "00056973737565", R"(0 issue "")"});
  INFO(to_string(row.type) << " " << row.text);
  const auto rdata = Rdata::parse(row.type, row.text);
  REQUIRE(rdata);
  CHECK(rdata->type() == row.type);
  CHECK(to_hex(as_bytes(rdata->wire())) == row.hex);
  CHECK(rdata->to_string() == (row.printed.empty() ? row.text : row.printed));
  CHECK(Rdata::parse(row.type, rdata->to_string()) == *rdata);
  CHECK(Rdata::from_wire(row.type, rdata->wire()) == *rdata);
}

struct ErrorRow {
  RrType type;
  std::string text;
  std::string cause;
};

TEST_CASE("record data that cannot be is refused with its cause") {
  const ErrorRow row =
      GENERATE(ErrorRow{RrType::A, "192.0.2.256", "not an IPv4 address"},
               ErrorRow{RrType::A, "2001:db8::1", "not an IPv4 address"},
               ErrorRow{RrType::AAAA, "192.0.2.1", "not an IPv6 address"},
               ErrorRow{RrType::A, "", "has 1 field, not 0"},
               ErrorRow{RrType::A, "192.0.2.1 192.0.2.2", "has 1 field, not 2"},
               ErrorRow{RrType::A, "\"192.0.2.1\"", "must not stand in quotes"},
               ErrorRow{RrType::MX, "mail.x", "has 2 fields, not 1"},
               ErrorRow{RrType::MX, "65536 mail.x", "65536 is more than 65535"},
               ErrorRow{RrType::MX, "99999999999999999999 mail.x", "is more than 65535"},
               ErrorRow{RrType::MX, "-1 mail.x", "not a whole number"},
               ErrorRow{RrType::MX, "10 m\xc3\xa4il.x", "xn--"},
               ErrorRow{RrType::SOA, "a b 1 2 3 4 4294967296", "more than 4294967295"},
               ErrorRow{RrType::TXT, "", "text is empty"},
               ErrorRow{RrType::TXT, "\"open", "no closing quote"},
               ErrorRow{RrType::TXT, "a\"b\"", "in the middle of a word"},
               ErrorRow{RrType::TXT, "\"a\"b", "a blank is missing"},
               ErrorRow{RrType::TXT, "v=DKIM1; k=rsa", "put the text in quotes"},
               ErrorRow{RrType::TXT, "\"a\\", "no closing quote"},
               ErrorRow{RrType::TXT, "\"\\25\"", "three digits"},
               ErrorRow{RrType::TXT, "\"\\256\"", "more than 255"},
               ErrorRow{RrType::TXT, "\"a\nb\"", "one line"},
               ErrorRow{RrType::TXT, std::string(256, 'a'), "split it into strings of at most 255"},
               ErrorRow{RrType::A, "\\# 3 c00002", "do not have the form of A data"},
               ErrorRow{RrType::A, "\\# 4 c00002", "needs 8 hex digits, not 6"},
               ErrorRow{RrType::A, "\\# 4 c000020g", "not hex"},
               ErrorRow{RrType::A, "\\# x", "not a length"},
               ErrorRow{RrType::A, "\\# 65536 00", "not a length"},
               ErrorRow{RrType::A, "\\#", "followed by the number of octets"},
               ErrorRow{RrType::CAA, "0 issue", "has 3 fields, not 2"},
               ErrorRow{RrType::CAA, "0 issue a b", "has 3 fields, not 4"},
               ErrorRow{RrType::CAA, "256 issue a", "more than 255"},
               ErrorRow{RrType::CAA, "0 a-b x", "letters and digits"},
               ErrorRow{RrType::CAA, "0 \"issue\" x", "must not stand in quotes"},
               ErrorRow{RrType::CAA, "\\# 3 000578", "do not have the form of CAA data"},
               ErrorRow{RrType::TSIG, "x 1", "RFC 3597"});
  INFO(to_string(row.type) << " " << row.text);
  const auto rdata = Rdata::parse(row.type, row.text);
  REQUIRE_FALSE(rdata);
  CHECK_THAT(rdata.error(), ContainsSubstring(row.cause));
}

TEST_CASE("octets that do not fit the type's layout are refused") {
  using namespace std::string_literals;
  CHECK_FALSE(Rdata::from_wire(RrType::A, "\1\2\3"s));
  CHECK_FALSE(Rdata::from_wire(RrType::A, "\1\2\3\4\5"s));
  CHECK_FALSE(Rdata::from_wire(RrType::AAAA, ""s));
  CHECK_FALSE(Rdata::from_wire(RrType::TXT, ""s));
  CHECK_FALSE(Rdata::from_wire(RrType::TXT, "\3ab"s));
  CHECK_FALSE(Rdata::from_wire(RrType::MX, "\0\1\3com"s));
  CHECK_FALSE(Rdata::from_wire(RrType::NS, "\xc0\x0c"s));
  CHECK_FALSE(Rdata::from_wire(RrType::NS, "\3com\0x"s));
  CHECK_FALSE(Rdata::from_wire(RrType::CAA, ""s));
  CHECK_FALSE(Rdata::from_wire(RrType::CAA, "\0"s));
  CHECK_FALSE(Rdata::from_wire(RrType::CAA, "\0\0x"s));
  CHECK_FALSE(Rdata::from_wire(RrType::CAA, "\0\5issu"s));
  CHECK_FALSE(Rdata::from_wire(RrType::CAA, "\0\5iss-ex"s));
  constexpr auto kUnknown = static_cast<RrType>(65280);
  CHECK_FALSE(Rdata::from_wire(kUnknown, std::string(65536, 'x')));
  CHECK(Rdata::from_wire(kUnknown, ""s));
}

TEST_CASE("equality ignores case in embedded names and nowhere else") {
  CHECK(rdata_of(RrType::MX, "10 Mail1.x") == rdata_of(RrType::MX, "10 mail1.X"));
  CHECK(rdata_of(RrType::MX, "10 mail1.x") != rdata_of(RrType::MX, "20 mail1.x"));
  CHECK(rdata_of(RrType::TXT, "ABC") != rdata_of(RrType::TXT, "abc"));
  CHECK(rdata_of(RrType::TXT, "\"ab\" \"c\"") != rdata_of(RrType::TXT, "\"abc\""));
  // The preference 0x4141 is "AA": only the name is lowered.
  CHECK(rdata_of(RrType::MX, "16705 A.x").canonical_wire() ==
        rdata_of(RrType::MX, "16705 a.x").wire());
  CHECK(rdata_of(RrType::NS, "a.x") != rdata_of(RrType::CNAME, "a.x"));
  CHECK(rdata_of(RrType::A, "9.0.0.1") < rdata_of(RrType::A, "10.0.0.1"));
  CHECK(rdata_of(RrType::A, "10.0.0.1") < rdata_of(RrType::A, "200.0.0.1"));
}

TEST_CASE("data of no record at all is printed, not read past its end") {
  CHECK(Rdata().to_string() == "\\# 0");
  CHECK(Rdata().canonical_wire().empty());
}

}  // namespace
}  // namespace ronda::dnsupdate
