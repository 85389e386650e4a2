#include "agent/config/suggestion.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace ronda::agent {
namespace {

constexpr std::array<std::string_view, 4> kWords{"interval", "fast_interval", "fall", "ok"};

TEST_CASE("the nearest word is suggested, and only a near one") {
  CHECK(nearest("intervall", kWords) == "interval");
  CHECK(nearest("intreval", kWords) == "interval");
  CHECK(nearest("FastInterval", kWords) == "fast_interval");
  CHECK(nearest("fal", kWords) == "fall");
  CHECK_FALSE(nearest("colour", kWords));
  CHECK_FALSE(nearest("", kWords));
  CHECK_FALSE(nearest("x", kWords));
  CHECK_FALSE(nearest(std::string(100'000, 'i'), kWords));
}

TEST_CASE("without a near word the known ones are listed") {
  CHECK(suggest("fals", kWords) == "; did you mean \"fall\"?");
  CHECK(suggest("colour", kWords) == "; known here: interval, fast_interval, fall, ok");
  CHECK(suggest("colour", {}).empty());
}

}  // namespace
}  // namespace ronda::agent
