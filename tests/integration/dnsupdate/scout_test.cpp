// What is found out before there is a config: zone and primary by the SOA or as given, open ports.
#include "agent/first/scout.hpp"

#include <stdexcept>

#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace agent;

net::Endpoint endpoint_of(const Named& named) {
  return {net::IpAddress::parse(named.address()).value(), named.port()};
}

TEST_CASE("the zone by its SOA, of the second resolver where the first is dead") {
  const Named resolver({.zone_text = "$TTL 60\n@ SOA localhost. h 1 3600 600 86400 60\n@ NS ns\n"
                                     "ns A 127.0.0.1\n",
                        .recursion = true});
  Listener closed;
  const net::Endpoint dead = closed.endpoint();
  closed.close();
  Scout scout([&] { return std::vector{dead, endpoint_of(resolver)}; });
  const auto found = scout.locate(name("a.b.example.com"), std::nullopt, nullptr);
  REQUIRE(found);
  CHECK(found->zone == name("example.com"));
  CHECK(found->primary == net::HostPort{"localhost", std::nullopt});
  CHECK(found->servers.front().to_string() == "127.0.0.1:53");
  CHECK(found->how == "named by the zone's SOA");

  Scout alone([&] { return std::vector{dead}; });
  CHECK_THAT(alone.locate(name("example.com"), std::nullopt, nullptr).error(),
             ContainsSubstring("the zone of \"example.com\" cannot be found (") &&
                 ContainsSubstring("name its primary with --server ADDRESS"));
}

TEST_CASE("a primary that is given by name is asked itself") {
  const Named named;
  Scout scout([]() -> std::vector<net::Endpoint> { throw std::logic_error("nobody else"); });
  const net::HostPort given{"localhost", named.port()};
  const auto found = scout.locate(name("www.example.com"), given, nullptr);
  REQUIRE(found);
  CHECK(found->zone == name("example.com"));
  CHECK(found->primary == given);
  CHECK(to_string(given) == "localhost:" + std::to_string(named.port()));
  CHECK(to_string(net::HostPort{"::1", 53}) == "[::1]:53");
  CHECK(to_string(net::HostPort{"::1", std::nullopt}) == "::1");
  const auto unknown =
      scout.locate(name("www.example.com"), net::HostPort{"no.such.invalid"}, nullptr);
  CHECK_THAT(unknown.error(), ContainsSubstring("the address of \"no.such.invalid\""));
}

TEST_CASE("open ports are counted by address") {
  Listener open;
  Listener closed;
  const std::uint16_t shut = closed.endpoint().port;
  closed.close();
  const std::uint16_t port = open.endpoint().port;
  const std::vector<net::IpAddress> addresses{net::IpAddress::parse("127.0.0.1").value(),
                                              net::IpAddress::parse("127.7.7.7").value()};
  Scout scout;
  const std::vector<std::uint16_t> ports{port, shut};
  const auto seen = count_open(addresses, scout.knock(addresses, ports));
  CHECK(seen.addresses == 2);
  CHECK(seen.open == std::map<std::uint16_t, std::size_t>{{port, 1}});
  CHECK(scout.knock({}, ports).empty());

  // Many more than at once, the open one among the last.
  std::vector<net::IpAddress> many(1000, addresses.back());
  many.push_back(addresses.front());
  CHECK(scout.knock(many, ports) == std::vector{net::Endpoint{addresses.front(), port}});
}

}  // namespace
}  // namespace ronda::test
