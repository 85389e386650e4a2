#include "dnsupdate/nsupdate/interpreter.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/nsupdate/script.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

TEST_CASE("commands that only whoever runs the script can carry out") {
  Script script;
  CHECK(script.line("send").action == LineAction::send);
  CHECK(script.line("").action == LineAction::send);
  CHECK(script.line(" \t\r").action == LineAction::send);
  CHECK(script.line("QUIT").action == LineAction::quit);
  CHECK(script.line("show").action == LineAction::show);
  CHECK(script.line("answer").action == LineAction::answer);
  CHECK(script.line("version").text == "ronda nsupdate 1\n");
  CHECK_THAT(script.line("help").text, ContainsSubstring("[prereq] nxrrset"));
  CHECK(script.line("server ns.example.com 5353").action == LineAction::look_up);
  CHECK(script.session.server == ServerWord{.host = "ns.example.com", .port = 5353});
}

TEST_CASE("comments are whole lines") {
  Script script;
  CHECK(script.line("; update add").action == LineAction::go_on);
  CHECK(script.line("  ;x").action == LineAction::go_on);
  CHECK(script.error("# no comment") == "incorrect section name: #");
}

TEST_CASE("settings of the session") {
  Script script;
  CHECK(script.error("zone Example.COM.").empty());
  CHECK(script.session.zone->to_string() == "Example.COM");
  CHECK(script.error("ttl 3600").empty());
  CHECK(script.session.ttl == 3600);
  CHECK(script.error("ttl none").empty());
  CHECK_FALSE(script.session.ttl);
  CHECK(script.error("local 192.0.2.1").empty());
  CHECK(script.error("local 2001:db8::1").empty());
  CHECK(script.session.local_v4 == net::IpAddress::parse("192.0.2.1"));
  CHECK(script.session.local_v6 == net::IpAddress::parse("2001:db8::1"));
  CHECK_FALSE(script.line("local 192.0.2.1 5300").warning.empty());
  CHECK(script.error("check-names off").empty());
  CHECK_FALSE(script.session.check_names);
  CHECK(script.error("checknames YES").empty());
  CHECK(script.session.check_names);
  CHECK(script.error("check-svcb no").empty());
  CHECK_FALSE(script.session.check_svcb);
  CHECK(script.error("debug").empty());
  CHECK(script.error("debug").empty());
  CHECK(script.session.debug == 2);
  CHECK(script.error("realm X").empty());
  CHECK(script.error("key hmac-sha512:k c2VjcmV0").empty());
  REQUIRE(script.session.key);
  CHECK(script.session.key->algorithm == TsigAlgorithm::hmac_sha512);
}

TEST_CASE("errors in nsupdate's own words") {
  const auto [line, error] = GENERATE(table<std::string, std::string>({
      {"bogus x", "incorrect section name: bogus"},
      {"update", "could not read operation code"},
      {"update bogus", "incorrect operation code: bogus"},
      {"prereq", "could not read operation code"},
      {"prereq bogus x", "incorrect operation code: bogus"},
      {"server", "could not read server name"},
      {"server x y", "port 'y' is not numeric"},
      {"server x 0", "port '0' is out of range (1 to 65535)"},
      {"server x 65536", "port '65536' is out of range (1 to 65535)"},
      {"server x 99999999999999999999", "port '99999999999999999999' is out of range (1 to 65535)"},
      {"local", "could not read server name"},
      {"local x", "invalid address x"},
      {"local 192.0.2.1 x", "port 'x' is not numeric"},
      {"zone", "could not read zone name"},
      {"class", "could not read class name"},
      {"class FOO", "could not parse class name: FOO"},
      {"class ANY", "bad default class: ANY"},
      {"class NONE", "bad default class: NONE"},
      {"ttl", "could not read ttl"},
      {"ttl x", "ttl 'x': not a valid number"},
      {"ttl 2147483648", "ttl '2147483648' is out of range (0 to 2147483647)"},
      {"key", "could not read key name"},
      {"key x", "could not read key secret"},
      {"key hmac-foo:x c2VjcmV0", "unknown key type 'hmac-foo'"},
      {"key x a", "could not create key from x: bad base64 encoding"},
      {"check-names", "could not read check-names directive"},
      {"check-names maybe", "incorrect check-names directive: maybe"},
      {"check-svcb maybe", "incorrect check-svcb directive: maybe"},
  }));
  INFO(line);
  CHECK(Script().error(line) == error);
}

TEST_CASE("what cannot be done is refused with a sentence") {
  CHECK_THAT(Script().error("gsstsig"), ContainsSubstring("TSIG keys only"));
  CHECK_THAT(Script().error("oldgsstsig"), ContainsSubstring("TSIG keys only"));
  CHECK_THAT(Script().error("zone a..b"), ContainsSubstring("could not parse zone name"));
  Script local{.settings = {.local_only = true}};
  CHECK(local.error("server ::1") == "cannot reset server in localhost-only mode");
}

TEST_CASE("lines are bounded and text") {
  CHECK_THAT(Script().error(std::string(kLongestLine + 1, 'x')), ContainsSubstring("longer than"));
  CHECK_THAT(Script().error(std::string("zone a\0b", 8)), ContainsSubstring("NUL"));
}

TEST_CASE("a message is bounded too") {
  Script script;
  const std::string text(255, 'x');
  std::string line = "update add a 60 TXT";
  for (int i = 0; i < 200; ++i) {
    line += " " + text;
  }
  CHECK(script.error(line).empty());
  CHECK_THAT(script.error(line), ContainsSubstring("put \"send\" before this line"));
  script.session.begin_message();
  CHECK(script.error(line).empty());
}

}  // namespace
}  // namespace ronda::test
