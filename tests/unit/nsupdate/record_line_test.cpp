#include "dnsupdate/nsupdate/record_line.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/nsupdate/script.hpp"

namespace ronda::test {
namespace {

// What nsupdate 9.18's "show" prints for the same lines.
TEST_CASE("updates as records") {
  const auto [line, record] = GENERATE(table<std::string, std::string>({
      {"update add a.example 60 A 192.0.2.1", "a.example.\t\t60\tIN\tA\t192.0.2.1"},
      {"UPDATE ADD a.example 60 in a 192.0.2.1", "a.example.\t\t60\tIN\tA\t192.0.2.1"},
      {"update add a.example 60 CH TXT x", "a.example.\t\t60\tCH\tTXT\t\"x\""},
      {"update delete a.example", "a.example.\t\t0\tANY\tANY\t"},
      {"update del a.example 60", "a.example.\t\t0\tANY\tANY\t"},
      {"delete a.example ANY", "a.example.\t\t0\tANY\tANY\t"},
      {"del a.example IN", "a.example.\t\t0\tANY\tANY\t"},
      {"update delete a.example A", "a.example.\t\t0\tANY\tA\t"},
      {"update delete a.example NONE A", "a.example.\t\t0\tANY\tA\t"},
      {"update delete a.example 60 IN A 192.0.2.1", "a.example.\t\t0\tNONE\tA\t192.0.2.1"},
      {"update delete a.example A 192.0.2.1", "a.example.\t\t0\tNONE\tA\t192.0.2.1"},
      {R"(update add t 60 TXT a;b (c) d"e f"g h)",
       "t.\t\t\t60\tIN\tTXT\t\"a;b\" \"(c)\" \"d\\\"e\" \"f\\\"g\" \"h\""},
      {R"(update add t 60 TXT "a\"b" c\\d \065)",
       "t.\t\t\t60\tIN\tTXT\t\"a\\\"b\" \"c\\\\d\" \"A\""},
      {R"(update add a\.b.example 60 TXT "")", "a\\.b.example.\t\t60\tIN\tTXT\t\"\""},
      {"update add @ 60 MX 10 mail.example", ".\t\t\t60\tIN\tMX\t10 mail.example."},
      {"update add *.example 60 A 192.0.2.1", "*.example.\t\t60\tIN\tA\t192.0.2.1"},
      {"update add _s._tcp 60 SRV 1 2 3 a", "_s._tcp.\t\t60\tIN\tSRV\t1 2 3 a."},
      {"update add a 60 SOA b c_d 1 1h 2 3 4", "a.\t\t\t60\tIN\tSOA\tb. c_d. 1 3600 2 3 4"},
      {"update add verylongownername.thatdoesnotfit 60 A 192.0.2.1",
       "verylongownername.thatdoesnotfit. 60 IN\tA\t192.0.2.1"},
      {"update add a 60 NSEC3PARAM 1 0 0 -", "a.\t\t\t60\tIN\tNSEC3PARAM 1 0 0 -"},
      {"update add a 60 TYPE65280 \\# 2 abcd", "a.\t\t\t60\tIN\tTYPE65280 \\# 2 ABCD"},
      {"update add a 60 TYPE65280 \\# 0", "a.\t\t\t60\tIN\tTYPE65280 \\# 0"},
      {"update delete a LOC", "a.\t\t\t0\tANY\tLOC\t"},
  }));
  INFO(line);
  Script script;
  REQUIRE(script.error(line).empty());
  CHECK(script.shown() == ";; UPDATE SECTION:\n" + record + "\n\n");
}

TEST_CASE("prerequisites as records") {
  const auto [line, record] = GENERATE(table<std::string, std::string>({
      {"prereq nxdomain a.example", "a.example.\t\t0\tNONE\tANY\t"},
      {"nxdomain a.example extra", "a.example.\t\t0\tNONE\tANY\t"},
      {"prereq yxdomain a.example", "a.example.\t\t0\tANY\tANY\t"},
      {"prereq nxrrset a.example A", "a.example.\t\t0\tNONE\tA\t"},
      {"prereq nxrrset a.example IN A", "a.example.\t\t0\tNONE\tA\t"},
      {"prereq yxrrset a.example A", "a.example.\t\t0\tANY\tA\t"},
      {"yxrrset a.example A 192.0.2.1", "a.example.\t\t0\tIN\tA\t192.0.2.1"},
      {"prereq yxrrset a.example IN A 192.0.2.1", "a.example.\t\t0\tIN\tA\t192.0.2.1"},
  }));
  INFO(line);
  Script script;
  REQUIRE(script.error(line).empty());
  CHECK(script.shown() == ";; PREREQUISITE SECTION:\n" + record + "\n\n");
}

TEST_CASE("lines without sense, in nsupdate's own words") {
  const auto [line, error] = GENERATE(table<std::string, std::string>({
      {"update add", "could not read owner name"},
      {"update add a", "could not read owner ttl"},
      {"update add a A 192.0.2.1", "ttl 'A': not a valid number"},
      {"update add a -1 A 192.0.2.1", "ttl '-1': not a valid number"},
      {"update add a 4294967296 A 192.0.2.1", "ttl '4294967296': out of range"},
      {"update add a 2147483648 A 192.0.2.1", "ttl '2147483648' is out of range (0 to 2147483647)"},
      {"update add a 60", "could not read class or type"},
      {"update add a 60 IN", "could not read type"},
      {"update add a 60 A", "could not read rdata"},
      {"update add a 60 FOO x", "'FOO' is not a valid class or type: unknown class/type"},
      {"update add a 60 IN FOO x", "'FOO' is not a valid type: unknown class/type"},
      {"update add a 60 ANY A x", "invalid rdata format: unknown class/type"},
      {"update add a 60 NONE A 192.0.2.1", "invalid rdata format: unknown class/type"},
      {"update add a 60 OPT x", "invalid rdata format: unknown class/type"},
      {"update delete a ANY A", "invalid rdata format: unknown class/type"},
      {"prereq nxdomain", "could not read owner name"},
      {"prereq nxrrset a", "could not read class or type"},
      {"prereq nxrrset a FOO", "invalid type: FOO"},
      {"prereq nxrrset a IN", "could not read type"},
      {"prereq nxrrset a IN FOO", "invalid type: FOO"},
      {"update add a_b 60 A 192.0.2.1", "check-names failed: bad owner 'a_b'"},
      {"update add a_b 60 MX 10 a", "check-names failed: bad owner 'a_b'"},
      {"update add a 60 MX 10 a_b", "check-names failed: bad name 'a_b'"},
      {"update add a 60 NS a_b", "check-names failed: bad name 'a_b'"},
      {"update add a 60 SRV 1 2 3 -a", "check-names failed: bad name '-a'"},
      {"update add a 60 SOA a_b c 1 2 3 4 5", "check-names failed: bad name 'a_b'"},
      {"update add 1.2.0.192.in-addr.arpa 60 PTR a_b", "check-names failed: bad name 'a_b'"},
  }));
  INFO(line);
  CHECK(Script().error(line) == error);
}

TEST_CASE("bad data is told apart") {
  for (const char* line :
       {"update add a 60 A 192.0.2", "update add a 60 AAAA ::g", "update add a 60 A 1.2.3.4 x",
        "update add a 60 TXT \"x y", "update add a 60 MX x y", "update add a 60 DS 1 13 2 abc",
        "update delete a CH A 192.0.2.1"}) {
    INFO(line);
    CHECK_THAT(Script().error(line), ContainsSubstring("invalid rdata format: "));
  }
  CHECK_THAT(Script().error("update add a..b 60 A 192.0.2.1"),
             ContainsSubstring("invalid owner name: "));
}

TEST_CASE("check-names can be turned off and never looks at deletions") {
  Script script;
  CHECK(script.error("update delete a_b A 192.0.2.1").empty());
  CHECK(script.error("prereq yxrrset a_b A 192.0.2.1").empty());
  CHECK(script.error("check-names off").empty());
  CHECK(script.error("update add a_b 60 A 192.0.2.1").empty());
}

TEST_CASE("the session's TTL stands in for one that is not there") {
  Script script;
  CHECK(script.error("ttl 30").empty());
  CHECK(script.error("update add a A 192.0.2.1").empty());
  CHECK(script.error("update add a 40 A 192.0.2.1").empty());
  CHECK_THAT(script.shown(),
             ContainsSubstring("a.\t\t\t30\tIN") && ContainsSubstring("a.\t\t\t40\tIN"));
}

TEST_CASE("one class in one message") {
  Script script;
  CHECK(script.error("update add a 60 IN A 192.0.2.1").empty());
  CHECK(script.error("update add a 60 CH TXT x") == "class mismatch: CH");
  script.session.begin_message();
  script.session.forget_class();
  CHECK(script.error("class CH").empty());
  CHECK(script.error("update add a 60 TXT x").empty());
  CHECK(script.error("update add a 60 IN A 192.0.2.1") == "class mismatch: IN");
  CHECK(script.error("zone example").empty());
  CHECK_THAT(script.shown(), ContainsSubstring(";example.\t\t\tCH\tSOA"));
}

TEST_CASE("the zone is looked for at the first update, else at the first prerequisite") {
  Script script;
  CHECK_FALSE(script.session.name_to_find());
  CHECK(script.error("prereq yxdomain p.example").empty());
  CHECK(script.session.name_to_find()->to_string() == "p.example");
  CHECK(script.error("update delete u.example").empty());
  CHECK(script.session.name_to_find()->to_string() == "u.example");
  Script delegation;
  CHECK(delegation
            .error("update add d.example 60 DS 12345 13 1 aabbccddaabbccddaabbccddaabbccddaabbccdd")
            .empty());
  CHECK(delegation.session.name_to_find()->to_string() == "example");
}

}  // namespace
}  // namespace ronda::test
