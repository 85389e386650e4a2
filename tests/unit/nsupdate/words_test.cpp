#include "dnsupdate/nsupdate/words.hpp"

#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

TEST_CASE("words end at blanks") {
  std::string_view rest = " \tupdate  add\r\n";
  CHECK(take_word(rest) == "update");
  CHECK(take_word(rest) == "add");
  CHECK(take_word(rest).empty());
  CHECK(take_word(rest).empty());
}

TEST_CASE("a TTL is seconds") {
  CHECK(parse_ttl("0") == 0);
  CHECK(parse_ttl("007") == 7);
  CHECK(parse_ttl("4294967295") == 4'294'967'295U);
  CHECK(parse_ttl("4294967296") == std::unexpected(NumberFault::out_of_range));
  for (const char* word : {"", "A", "-1", "1h30m", "60s", "1 ", "+1", "0x10", "1.5"}) {
    INFO(word);
    CHECK(parse_ttl(word) == std::unexpected(NumberFault::not_a_number));
  }
}

TEST_CASE("a time inside data is seconds or BIND's units") {
  CHECK(parse_time("3600") == 3600);
  CHECK(parse_time("1h30m") == 5400);
  CHECK(parse_time("2W") == 1'209'600);
  CHECK(parse_time("1d1s") == 86'401);
  CHECK(parse_time("99999999999999999999999999999999w") ==
        std::unexpected(NumberFault::out_of_range));
  for (const char* word : {"", "A", "-1", "1h30", "1x", "h", "1 ", "+1", "0x10", "1.5"}) {
    INFO(word);
    CHECK(parse_time(word) == std::unexpected(NumberFault::not_a_number));
  }
}

TEST_CASE("classes have several names") {
  CHECK(parse_class("in") == RrClass::IN);
  CHECK(parse_class("CHAOS") == RrClass::CH);
  CHECK(parse_class("class3") == RrClass::CH);
  CHECK(parse_class("hs") == static_cast<RrClass>(4));
  CHECK(parse_class("NONE") == RrClass::NONE);
  CHECK_FALSE(parse_class("CLASS"));
  CHECK_FALSE(parse_class("CLASS65536"));
  CHECK_FALSE(parse_class("A"));
}

TEST_CASE("what has a meaning in zone files only is escaped") {
  CHECK(to_zone_text(R"(a;b (c) "d;e" f"g)") == R"(a\;b \(c\) "d;e"  f\"g)");
  CHECK(to_zone_text(R"("a\"b" c\;d)") == R"("a\"b"  c\;d)");
  CHECK(to_zone_text(R"("open)") == R"("open)");
  CHECK(to_zone_text("\\") == "\\");
}

TEST_CASE("owners are relative to the root") {
  CHECK(parse_owner("@").value().is_root());
  CHECK(parse_owner("www").value() == parse_owner("www.").value());
  CHECK(parse_owner(R"(a\.b.example)").value().label_count() == 2);
  CHECK(parse_owner("a(b;c").value().to_string() == R"(a\(b\;c)");
  CHECK_FALSE(parse_owner("a..b"));
}

}  // namespace
}  // namespace ronda::test
