#include "probes/farewells.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

struct Conversation final : net::Cancellable {};

}  // namespace

TEST_CASE("those who say goodbye are kept until they have gone, and not without end") {
  Farewells farewells;
  std::vector<std::weak_ptr<net::Cancellable>> known;
  const auto leave = [&] {
    auto conversation = std::make_shared<Conversation>();
    known.push_back(conversation);
    return farewells.keep(std::move(conversation));
  };
  for (int guest = 0; guest < 256; ++guest) {
    REQUIRE(leave());
  }
  CHECK_FALSE(known.front().expired());
  CHECK_FALSE(leave());
  CHECK(known.back().expired());
  farewells.release(known.front().lock().get());
  CHECK(known.front().expired());
  CHECK(leave());
}

TEST_CASE("who waits for the farewells is told once, when the last one is over") {
  Farewells farewells;
  int told = 0;
  farewells.when_over([&] { ++told; });
  CHECK(told == 1);
  const auto first = std::make_shared<Conversation>();
  const auto second = std::make_shared<Conversation>();
  REQUIRE(farewells.keep(first));
  REQUIRE(farewells.keep(second));
  farewells.when_over([&] { ++told; });
  farewells.release(first.get());
  CHECK(told == 1);
  farewells.release(second.get());
  CHECK(told == 2);
  REQUIRE(farewells.keep(first));
  farewells.release(first.get());
  CHECK(told == 2);
}

}  // namespace ronda::probes
