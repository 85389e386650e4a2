#include "probes/farewells.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace ronda::probes {

TEST_CASE("those who say goodbye are kept until they have gone, and not without end") {
  struct Conversation final : net::Cancellable {};
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

}  // namespace ronda::probes
