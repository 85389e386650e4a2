#include "probes/heartbeat.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_loop.hpp"

namespace ronda::probes {

using namespace std::chrono_literals;

TEST_CASE("the heart beats while a probe is in flight, with one timer for all, and then no more") {
  test::FakeLoop loop;
  const auto heart = std::make_shared<Heartbeat>();
  CHECK(loop.pending_timers() == 0);
  net::Handle first = heart->keep(loop);
  net::Handle second = heart->keep(loop);
  for (int beats = 0; beats < 3; ++beats) {
    CHECK(loop.pending_timers() == 1);
    REQUIRE(loop.next_timer());
    CHECK(*loop.next_timer() - loop.now() <= 100ms);
    loop.advance_to(*loop.next_timer());
  }
  first.reset();
  CHECK(loop.pending_timers() == 1);
  second.reset();
  CHECK(loop.pending_timers() == 0);
  first = heart->keep(loop);
  CHECK(loop.pending_timers() == 1);
}

}  // namespace ronda::probes
