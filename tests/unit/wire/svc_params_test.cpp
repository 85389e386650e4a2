#include "dnsupdate/wire/svc_params.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

std::string hex_of(const std::string& octets) {
  Bytes bytes;
  for (const char octet : octets) {
    bytes.push_back(static_cast<std::byte>(octet));
  }
  return to_hex(bytes);
}

std::string octets_of(std::string_view hex) {
  std::string octets;
  for (const std::byte octet : from_hex(hex)) {
    octets += static_cast<char>(octet);
  }
  return octets;
}

constexpr std::string_view kFooCom = "03666f6f076578616d706c6503636f6d00";
constexpr std::string_view kFooOrg = "03666f6f076578616d706c65036f726700";

struct ServiceRow {
  std::string text;
  std::string hex;
  std::string printed;  // as named 9.18.49 prints it, without the final dots; empty: as `text`
};

std::string join(std::string_view a, std::string_view b, std::string_view c = {}) {
  return std::string(a) + std::string(b) + std::string(c);
}

// RFC 9460 D.1 and D.2, one by one.
TEST_CASE("the examples of RFC 9460 have the octets that it states") {
  const ServiceRow row = GENERATE(
      ServiceRow{"0 foo.example.com.", join("0000", kFooCom), "0 foo.example.com"},
      ServiceRow{"1 .", "000100", ""},
      ServiceRow{"16 foo.example.com. port=53", join("0010", kFooCom, "000300020035"),
                 "16 foo.example.com port=53"},
      ServiceRow{"1 foo.example.com. key667=hello", join("0001", kFooCom, "029b000568656c6c6f"),
                 R"(1 foo.example.com key667="hello")"},
      ServiceRow{R"(1 foo.example.com. key667="hello\210qoo")",
                 join("0001", kFooCom, "029b000968656c6c6fd2716f6f"),
                 R"(1 foo.example.com key667="hello\210qoo")"},
      ServiceRow{R"(1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1")",
                 join("0001", kFooCom,
                      "0006002020010db800000000000000000000000120010db8000000000000000000530001"),
                 "1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1"},
      ServiceRow{R"(1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33")",
                 "0001076578616d706c6503636f6d000006001020010db8012203440000000"
                 "0c0000221",
                 "1 example.com ipv6hint=2001:db8:122:344::c000:221"},
      ServiceRow{
          "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
          join("0010", kFooOrg, "0000000400010004000100090268320568332d313900040004c0000201"),
          R"(16 foo.example.org mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1)"},
      ServiceRow{R"(16 foo.example.org. alpn="f\\\\oo\\,bar,h2")",
                 join("0010", kFooOrg, "0001000c08665c6f6f2c626172026832"),
                 R"(16 foo.example.org alpn="f\\\\oo\\,bar,h2")"},
      ServiceRow{R"(16 foo.example.org. alpn=f\\\092oo\092,bar,h2)",
                 join("0010", kFooOrg, "0001000c08665c6f6f2c626172026832"),
                 R"(16 foo.example.org alpn="f\\\\oo\\,bar,h2")"});
  const RrType type = GENERATE(RrType::SVCB, RrType::HTTPS);
  INFO(row.text);
  const auto rdata = Rdata::parse(type, row.text);
  REQUIRE(rdata);
  CHECK(hex_of(rdata->wire()) == row.hex);
  CHECK(rdata->to_string() == (row.printed.empty() ? row.text : row.printed));
  CHECK(Rdata::parse(type, rdata->to_string()) == *rdata);
  CHECK(Rdata::from_wire(type, octets_of(row.hex)) == *rdata);
}

TEST_CASE("other parameters are read and printed as named does") {
  const ServiceRow row =
      GENERATE(ServiceRow{"0 a.x alpn=h2",
                          "00000161017800000100030268"
                          "32",
                          R"(0 a.x alpn="h2")"},
               ServiceRow{"1 . alpn=h2 no-default-alpn", "0001000001000302683200020000",
                          R"(1 . alpn="h2" no-default-alpn)"},
               ServiceRow{R"(1 . key1=\002h2)", "00010000010003026832", R"(1 . alpn="h2")"},
               ServiceRow{"1 . key9=", "00010000090000", "1 . key9"},
               ServiceRow{R"(1 . key9="")", "00010000090000", "1 . key9"},
               ServiceRow{"1 . key9", "00010000090000", ""},
               ServiceRow{"1 . key65535=x", "000100ffff000178", R"(1 . key65535="x")"},
               ServiceRow{R"(1 . key700="a b;c(d)\"\\")", "00010002bc000a6120623b63286429225c", ""},
               ServiceRow{"1 . ech=AAAA", "00010000050003000000", ""},
               ServiceRow{R"(1 . ech="AAA=")", "000100000500020000", "1 . ech=AAA="},
               ServiceRow{"1 . ech=AA==", "0001000005000100", ""},
               ServiceRow{"1 . ech", "00010000050000", ""},
               ServiceRow{"1 . port=053", "000100000300020035", "1 . port=53"},
               ServiceRow{"1 . ipv4hint=192.0.2.1,192.0.2.1", "00010000040008c0000201c0000201", ""},
               ServiceRow{"1 . port=8443 alpn=h2",
                          "0001000001000302683200"
                          "03000220fb",
                          R"(1 . alpn="h2" port=8443)"});
  INFO(row.text);
  const auto rdata = Rdata::parse(RrType::HTTPS, row.text);
  REQUIRE(rdata);
  CHECK(hex_of(rdata->wire()) == row.hex);
  CHECK(rdata->to_string() == (row.printed.empty() ? row.text : row.printed));
  CHECK(Rdata::parse(RrType::HTTPS, rdata->to_string()) == *rdata);
}

struct RefusedRow {
  std::string text;
  std::string cause;
};

// RFC 9460 D.3 and what named refuses beside it.
TEST_CASE("parameters that cannot be are refused with their cause") {
  const RefusedRow row = GENERATE(
      RefusedRow{"1 . key123=abc key123=def", "key123 is there twice"},
      RefusedRow{"1 . alpn=h2 key1=\\002h2", "alpn is there twice"},
      RefusedRow{"1 . mandatory", "mandatory needs a value"},
      RefusedRow{"1 . alpn", "alpn needs a value"}, RefusedRow{"1 . port", "port needs a value"},
      RefusedRow{"1 . ipv4hint", "ipv4hint needs a value"},
      RefusedRow{"1 . ipv6hint=", "ipv6hint needs a value"},
      RefusedRow{"1 . alpn=h2 no-default-alpn=abc", "takes no value"},
      RefusedRow{"1 . no-default-alpn", "needs alpn beside it"},
      RefusedRow{"1 . mandatory=key123", "names key123, which is not there"},
      RefusedRow{"1 . mandatory=mandatory", "must not name itself"},
      RefusedRow{"1 . mandatory=key123,key123 key123=abc", "names a parameter twice"},
      RefusedRow{"1 . mandatory=foo", "\"foo\" is no parameter"},
      RefusedRow{"1 . key1=h2", "value of alpn does not have its form"},
      RefusedRow{"1 . key0=", "value of mandatory does not have its form"},
      RefusedRow{"1 . key3=1", "value of port does not have its form"},
      RefusedRow{"1 . key4=123", "value of ipv4hint does not have its form"},
      RefusedRow{"1 . key6=1234", "value of ipv6hint does not have its form"},
      RefusedRow{"1 . key2=1 alpn=h2", "value of no-default-alpn does not have its form"},
      RefusedRow{"1 . key65536=x", "no parameter of SVCB"},
      RefusedRow{"1 . key08=x", "no parameter of SVCB"},
      RefusedRow{"1 . key=x", "no parameter of SVCB"}, RefusedRow{"1 . ALPN=h2", "in lower case"},
      RefusedRow{"1 . Key700=x", "in lower case"}, RefusedRow{"1 . =x", "no parameter of SVCB"},
      RefusedRow{"1 . alpn=h2,,h3", "an empty item"}, RefusedRow{"1 . alpn=\"\"", "needs a value"},
      RefusedRow{R"(1 . alpn="h\\2")", "before a comma or a backslash only"},
      RefusedRow{"1 . alpn=" + std::string(256, 'a'), "longer than 255 octets"},
      RefusedRow{"1 . port=65536", "65536 is more than 65535"},
      RefusedRow{"1 . ipv4hint=2001:db8::1", "not an IPv4 address"},
      RefusedRow{"1 . ipv6hint=192.0.2.1", "not an IPv6 address"},
      RefusedRow{"1 . ech=AAA", "not Base64"}, RefusedRow{"1 . key700=\\256", "more than 255"},
      RefusedRow{"1 . key700=a\"b\"", "in the middle of a word"},
      RefusedRow{"1 . \"key700=a b\"", "not in quotes as a whole"},
      RefusedRow{"1 . key700=\"a", "no closing quote"}, RefusedRow{"1", "at least 2 fields, not 1"},
      RefusedRow{"65536 .", "more than 65535"},
      RefusedRow{"1 m\xc3\xbcller.example", "write it as an A-label (xn--...)"});
  INFO(row.text);
  const auto rdata = Rdata::parse(RrType::SVCB, row.text);
  REQUIRE_FALSE(rdata);
  CHECK_THAT(rdata.error(), ContainsSubstring(row.cause));
}

TEST_CASE("octets that are no parameters are refused") {
  const std::string hex =
      GENERATE("0001", "000103666f6f", "00010000", "0001000001", "00010000010003026832ff",
               "000100000300020035"
               "000300020036",  // a key twice
               "000100000300020035"
               "00010003026832",          // descending
               "0001000000000400010001",  // mandatory names a key twice
               "0001000000000400020001",  // and descending
               "000100000000"
               "0100",
               "00010000010000",
               "000100000100"
               "0100",
               "0001000001000303"
               "6832",
               "0001000002000100",
               "00010000030001"
               "35",
               "000100000400"
               "03c00002",
               "000100000600"
               "0420010db8",
               "0001c00c");
  INFO(hex);
  CHECK_FALSE(Rdata::from_wire(RrType::SVCB, octets_of(hex)));
}

TEST_CASE("parameters of good form that contradict one another are printed as octets") {
  const std::string hex = GENERATE("00010000020000", "000100000000020000", "00010000000002007b");
  const auto rdata = Rdata::from_wire(RrType::SVCB, octets_of(hex));
  REQUIRE(rdata);
  CHECK(rdata->to_string() == "\\# " + std::to_string(hex.size() / 2) + " " + hex);
  CHECK(Rdata::parse(RrType::SVCB, rdata->to_string()) == *rdata);
}

// As named 9.18.49 judges prerequisites: an MX "Foo.x" meets "foo.x", an SVCB does not.
TEST_CASE("the case of a target counts") {
  CHECK(rdata_of(RrType::SVCB, "1 Foo.x") != rdata_of(RrType::SVCB, "1 foo.x"));
  CHECK(rdata_of(RrType::HTTPS, "1 Foo.x").canonical_wire() ==
        rdata_of(RrType::HTTPS, "1 Foo.x").wire());
}

}  // namespace
}  // namespace ronda::dnsupdate
