#include "dnsupdate/wire/name.hpp"

#include "tests/support/catch.hpp"

namespace ronda::dnsupdate {
namespace {

std::string label(std::size_t length) {
  return std::string(length, 'a');
}

// 255 octets: three labels of 63, one of 61, the root.
std::string longest_name() {
  return label(63) + "." + label(63) + "." + label(63) + "." + label(61);
}

TEST_CASE("a name is printed as it was spelled, without the final dot") {
  struct Row {
    std::string text;
    std::string printed;
    std::size_t labels;
  };
  const Row row = GENERATE(
      Row{"www.Example.com", "www.Example.com", 3}, Row{"www.example.com.", "www.example.com", 3},
      Row{".", ".", 0}, Row{"com", "com", 1}, Row{R"(a\.b.example.com)", R"(a\.b.example.com)", 3},
      Row{R"(a\046b.com)", R"(a\.b.com)", 2}, Row{R"(a\032b.com)", R"(a\032b.com)", 2},
      Row{R"(\195\164.com)", R"(\195\164.com)", 2},
      Row{R"(\"\;\(\)\@\$\\.x)", R"(\"\;\(\)\@\$\\.x)", 2}, Row{R"(a\000.x)", R"(a\000.x)", 2},
      Row{R"(a\.)", R"(a\.)", 1}, Row{"_sip._tcp.example.com", "_sip._tcp.example.com", 4},
      Row{"*.example.com", "*.example.com", 3}, Row{longest_name(), longest_name(), 4});
  INFO(row.text);
  const auto name = Name::parse(row.text);
  REQUIRE(name);
  CHECK(name->to_string() == row.printed);
  CHECK(name->label_count() == row.labels);
  CHECK(Name::parse(name->to_string()) == *name);
  CHECK(Name::from_wire(name->wire()) == *name);
}

TEST_CASE("a name that cannot be is refused with its cause") {
  struct Row {
    std::string text;
    std::string cause;
  };
  const Row row = GENERATE(
      Row{"", "is empty"}, Row{"..", "empty label"}, Row{".com", "empty label"},
      Row{"a..b", "empty label"}, Row{"@", "write the whole name"},
      Row{label(64) + ".com", "more than 63 octets"}, Row{longest_name() + "a", "longer than 255"},
      Row{longest_name() + ".b", "longer than 255"}, Row{"a b.com", "holds a space"},
      Row{"a\".com", "holds a space, quote"}, Row{"a;b", "semicolon"}, Row{"a\\", "lone backslash"},
      Row{"a\\25.com", "three digits"}, Row{"a\\256.com", "more than 255"},
      Row{"m\xc3\xbcller.example", "write it as an A-label (xn--...)"});
  INFO(row.text);
  const auto name = Name::parse(row.text);
  REQUIRE_FALSE(name);
  CHECK_THAT(name.error(), ContainsSubstring(row.cause));
}

TEST_CASE("wire octets that are no name are refused") {
  using namespace std::string_literals;
  const std::string wire =
      GENERATE("\3com"s, "\3com\0x"s, ""s, "\5com\0"s, "\xc0\x0c"s,
               "\x40"s + std::string(64, 'a') + "\0"s, std::string(254, '\1') + "\0\0"s);
  CHECK_FALSE(Name::from_wire(wire));
}

TEST_CASE("comparison ignores ASCII case and nothing else") {
  CHECK(Name::parse("WWW.example.COM") == Name::parse("www.EXAMPLE.com"));
  CHECK(Name::parse("www.example.com") != Name::parse("www.example.org"));
  CHECK(Name::parse("a.b") != Name::parse(R"(a\.b)"));
  CHECK(Name::parse(R"(\195)") != Name::parse(R"(\227)"));
  CHECK(Name::parse("a.example").value() < Name::parse("B.example").value());
  CHECK(Name::parse("WWW.Example").value().canonical_wire() ==
        Name::parse("www.example").value().wire());
}

TEST_CASE("is_within asks on label boundaries") {
  const auto within = [](std::string_view name, std::string_view ancestor) {
    return Name::parse(name).value().is_within(Name::parse(ancestor).value());
  };
  CHECK(within("www.example.com", "Example.com"));
  CHECK(within("example.com", "example.com"));
  CHECK(within("example.com", "."));
  CHECK_FALSE(within("badexample.com", "example.com"));
  CHECK_FALSE(within("com", "example.com"));
  CHECK_FALSE(within(R"(x\.example.com)", "example.com"));
}

TEST_CASE("the parent of a name, up to the root and no further") {
  const Name name = Name::parse("www.example.com").value();
  CHECK(name.parent() == Name::parse("example.com"));
  CHECK(name.parent().parent().parent().is_root());
  CHECK(Name().parent() == Name());
}

}  // namespace
}  // namespace ronda::dnsupdate
