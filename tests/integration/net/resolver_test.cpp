#include "net/resolver.hpp"

#include <optional>

#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;
using ronda::test::run;

namespace {

Resolver::Answer resolve(const std::string& host) {
  UvLoop loop;
  Resolver resolver(loop);
  std::optional<Resolver::Answer> result;
  const Handle handle = resolver.resolve(host, [&](Resolver::Answer answer) {
    result = std::move(answer);
    loop.stop();
  });
  CHECK_FALSE(result);
  REQUIRE(run(loop, 15s));
  return *result;
}

}  // namespace

TEST_CASE("literals are answered without a query") {
  const auto answer = resolve("2001:db8::1");
  REQUIRE(answer);
  CHECK(answer->size() == 1);
  CHECK(answer->front().to_string() == "2001:db8::1");
}

TEST_CASE("localhost is the loopback without a query, v4 before v6") {
  for (const char* name : {"localhost", "LocalHost.", "ns1.localhost"}) {
    CAPTURE(name);
    const auto answer = resolve(name);
    REQUIRE(answer);
    REQUIRE(answer->size() == 2);
    CHECK(answer->front().to_string() == "127.0.0.1");
    CHECK(answer->back().to_string() == "::1");
  }
}

TEST_CASE("a name that does not exist is a sentence") {
  const auto answer = resolve("no-such-host.invalid");
  REQUIRE_FALSE(answer);
  CHECK_THAT(answer.error(), ContainsSubstring("no-such-host.invalid cannot be resolved"));
}

TEST_CASE("a lookup may be dropped under way and from inside its own answer") {
  UvLoop loop;
  Resolver resolver(loop);
  SECTION("under way") {
    Handle handle =
        resolver.resolve("www.example.invalid", [](const Resolver::Answer&) { FAIL("called"); });
    handle.reset();
    const Handle end = loop.at(loop.now() + 20ms, [&] { loop.stop(); });
    CHECK(run(loop));
  }
  SECTION("inside") {
    Handle handle;
    handle = resolver.resolve("localhost", [&](const Resolver::Answer&) {
      handle.reset();
      loop.stop();
    });
    CHECK(run(loop));
  }
}
