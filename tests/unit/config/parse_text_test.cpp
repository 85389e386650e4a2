#include "agent/config/parse_text.hpp"

#include "tests/support/catch.hpp"

namespace ronda::agent {
namespace {

// The text a place covers.
std::string_view at(std::string_view text, Place place) {
  return text.substr(place.begin, place.end - place.begin);
}

TEST_CASE("every value and key knows where it stands") {
  const std::string_view text =
      "// head \"not a string\"\n"
      "{ \"a\" : [1, -2.5e3 , \"x\\\"y\\\\\", true,false,null ], /* \"b\": */ "
      "\"c\\n\":{\"d\":\"\"} }";
  const auto parsed = parse_text(text);
  REQUIRE(parsed);
  const Node& root = parsed->root;
  CHECK(at(text, root.place).front() == '{');
  CHECK(root.place.end == text.size());
  REQUIRE(root.keys.size() == 2);
  CHECK(at(text, root.keys[0].place) == "\"a\"");
  CHECK(at(text, root.keys[1].place) == "\"c\\n\"");
  const Node& list = root.items[0];
  CHECK(at(text, list.place) == "[1, -2.5e3 , \"x\\\"y\\\\\", true,false,null ]");
  REQUIRE(list.items.size() == 6);
  CHECK(at(text, list.items[0].place) == "1");
  CHECK(list.items[0].integer == 1);
  CHECK(at(text, list.items[1].place) == "-2.5e3");
  CHECK(list.items[1].integer == -2500);
  CHECK(at(text, list.items[2].place) == "\"x\\\"y\\\\\"");
  CHECK(list.items[2].text == "x\"y\\");
  CHECK(at(text, list.items[3].place) == "true");
  CHECK(at(text, list.items[4].place) == "false");
  CHECK(at(text, list.items[5].place) == "null");
  CHECK(at(text, root.items[1].items[0].place) == "\"\"");
  CHECK(at("42", parse_text("42")->root.place) == "42");
  CHECK(at(" 42\n", parse_text(" 42\n")->root.place) == "42");
}

TEST_CASE("pointers name values and keys") {
  const std::string_view text = R"({"a/b": [0, {"~": 1}]})";
  const auto parsed = parse_text(text);
  REQUIRE(parsed);
  CHECK(pointer_at(parsed->root, 0).empty());
  CHECK(pointer_at(parsed->root, text.find("\"a/b")) == "/a~1b");
  CHECK(pointer_at(parsed->root, text.find("0,")) == "/a~1b/0");
  CHECK(pointer_at(parsed->root, text.find("\"~\"")) == "/a~1b/1/~0");
  CHECK(pointer_at(parsed->root, text.find("1}")) == "/a~1b/1/~0");
}

TEST_CASE("numbers beyond 64 bits are no integers and do no harm") {
  const auto parsed =
      parse_text("[9223372036854775807, 9223372036854775808, 18446744073709551616, 1e300, 1.5]");
  REQUIRE(parsed);
  CHECK(parsed->root.items[0].integer == 9223372036854775807);
  for (std::size_t i = 1; i < 5; ++i) {
    CHECK_FALSE(parsed->root.items[i].integer);
  }
  CHECK_FALSE(parse_text("[1e999]"));
}

TEST_CASE("a whole number is one however it is written") {
  const auto parsed = parse_text("[1.0, 1e3, -0.0, 9007199254740992.0]");
  REQUIRE(parsed);
  CHECK(parsed->root.items[0].integer == 1);
  CHECK(parsed->root.items[1].integer == 1000);
  CHECK(parsed->root.items[2].integer == 0);
  CHECK(parsed->root.items[3].integer == 9007199254740992);
}

TEST_CASE("what is no JSON is one finding with its place") {
  struct Row {
    std::string text;
    std::size_t offset;
    std::string piece;
  };
  const Row rows[] = {
      {"", 0, "empty"},
      {" \n", 0, "empty"},
      {"{", 1, "ends too early"},
      {"{\"a\": \"b", 8, "ends too early"},
      {"{\"a\": 1,}", 8, "remove the comma before it"},
      {"[1,]", 3, "remove the comma before it"},
      {"{\"a\": 1 \"b\": 2}", 8, "is a comma missing before it?"},
      {"{'a': 1}", 1, "JSON quotes with"},
      {"{} {}", 3, "syntax error"},
      {"{\"a\": tru}", 9, "syntax error"},
      {std::string("{}\0", 3), 2, "NUL"},
      {std::string("// \0\n{}", 7), 3, "NUL"},
      {"{\"a\": \"\\u0000\"}", 6, "NUL"},
      {"{\"\xC3\x28\": 1}", 2, "UTF-8"},
      {"// \xFF\n{}", 3, "UTF-8"},
      {"{\"\xED\xA0\x80\": 1}", 2, "UTF-8"},
      {"{\"\xC0\xAF\": 1}", 2, "UTF-8"},
      {"{\"\xF4\x90\x80\x80\": 1}", 2, "UTF-8"},
      {"{\"a\xE2\x82", 3, "UTF-8"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto parsed = parse_text(row.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().place.begin == row.offset);
    CHECK_THAT(parsed.error().message, ContainsSubstring(row.piece));
  }
  CHECK(parse_text("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""));
}

TEST_CASE("depth is bounded") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(parse_text(nested(kMaxDepth)));
  const auto deeper = parse_text(nested(kMaxDepth + 1));
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().place.begin == kMaxDepth);
  CHECK_THAT(deeper.error().message, ContainsSubstring("64 levels"));
  CHECK_FALSE(parse_text(std::string(1'000'000, '[')));
}

TEST_CASE("duplicate keys are found in every object, the first one counts") {
  const std::string_view text = R"({"a": 1, "b": {"c": 1, "c": 2}, "a": 3})";
  const auto parsed = parse_text(text);
  REQUIRE(parsed);
  REQUIRE(parsed->duplicates.size() == 2);
  CHECK(parsed->duplicates[0].place.begin == text.rfind("\"c\""));
  CHECK(parsed->duplicates[1].place.begin == text.rfind("\"a\""));
  CHECK(parsed->root.find("a")->integer == 1);
}

}  // namespace
}  // namespace ronda::agent
