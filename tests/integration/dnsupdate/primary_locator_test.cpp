// Where the agent finds a zone's primary: configured addresses and names, and the zone's SOA.
#include "agent/run/primary_locator.hpp"

#include <optional>

#include "agent/run/zone_writer.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace agent;
using dnsupdate::OutcomeKind;

struct Bench {
  net::UvLoop loop{};
  net::SystemRandom random{};
  net::Resolver resolver{loop};
  net::Worker worker{loop};
  net::TlsContexts tls{};

  void run() {
    const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(20), [&] { loop.stop(); });
    loop.run();
  }
};

ZoneConfig zone_config(std::vector<net::HostPort> primaries) {
  ZoneConfig config;
  config.zone = name("example.com");
  config.primaries = std::move(primaries);
  return config;
}

PrimaryLocator::Answer locate(const ZoneConfig& config, std::vector<net::Endpoint> servers = {}) {
  Bench bench;
  std::optional<PrimaryLocator::Answer> found;
  PrimaryLocator locator(bench.loop, bench.random, bench.resolver, bench.worker, config,
                         [servers] { return servers; });
  locator.locate([&](PrimaryLocator::Answer answer) {
    found = std::move(answer);
    bench.loop.stop();
  });
  if (!found) {
    bench.run();
  }
  REQUIRE(found);
  return *found;
}

Strings texts(const PrimaryPlaces& places) {
  Strings all;
  for (const net::Endpoint& server : places.servers) {
    all.push_back(server.to_string());
  }
  return all;
}

net::Endpoint endpoint_of(const Named& named) {
  return {net::IpAddress::parse(named.address()).value(), named.port()};
}

TEST_CASE("addresses and names in their order, each once") {
  ZoneConfig config = zone_config(
      {{"192.0.2.1", 53}, {"localhost", 5353}, {"127.0.0.1", 5353}, {"2001:db8::1", 53}});
  const PrimaryPlaces places = locate(config).value();
  CHECK(texts(places) ==
        Strings{"192.0.2.1:53", "127.0.0.1:5353", "[::1]:5353", "[2001:db8::1]:53"});
  CHECK(places.names == Strings{"", "localhost", "localhost", ""});
  config.tls_name = "ns.example.com";
  CHECK(locate(config)->names.at(1) == "ns.example.com");
  config.source = net::IpAddress::parse("::1");
  CHECK(texts(locate(config).value()) == Strings{"[::1]:5353", "[2001:db8::1]:53"});
  config.primaries = {{"192.0.2.1", 53}};
  CHECK_THAT(locate(config).error(), ContainsSubstring("other family"));
}

TEST_CASE("without a configured primary: the zone's SOA, by the second resolver when need be") {
  const Named resolver({.zone_text = "$TTL 60\n@ SOA localhost. h 1 3600 600 86400 60\n@ NS ns\n"
                                     "ns A 127.0.0.1\n",
                        .recursion = true});
  ZoneConfig config = zone_config({});
  const PrimaryPlaces places = locate(config, {loopback(1), endpoint_of(resolver)}).value();
  CHECK(texts(places) == Strings{"127.0.0.1:53", "[::1]:53"});
  config.transport = dnsupdate::Transport::tls;
  CHECK(locate(config, {endpoint_of(resolver)})->servers.front().port == 853);

  config = zone_config({});
  config.zone = name("www.example.com");
  const std::string inside = locate(config, {endpoint_of(resolver)}).error();
  CHECK_THAT(inside, ContainsSubstring("lies in the zone \"example.com\"") &&
                         ContainsSubstring("\"primary\""));
  CHECK_THAT(locate(config, {loopback(1)}).error(),
             ContainsSubstring("cannot be found through its SOA") && ContainsSubstring("refused"));
}

TEST_CASE("a zone writer goes on to the primary that can be reached") {
  const Named named;
  Listener closed;
  const std::uint16_t dead = closed.endpoint().port;
  closed.close();
  Bench bench;
  for (const bool by_name : {false, true}) {
    ZoneConfig config =
        zone_config({{"127.0.0.1", dead}, {by_name ? "localhost" : "127.0.0.1", named.port()}});
    config.key = load_key(named.key_path());
    ZoneWriter writer({.loop = bench.loop,
                       .random = bench.random,
                       .resolver = bench.resolver,
                       .worker = bench.worker,
                       .tls = bench.tls,
                       .quota = nullptr},
                      config, true);
    const auto key = key_of(by_name ? "a.example.com" : "b.example.com");
    std::optional<dnsupdate::UpdateReport> report;
    writer.read({key}, [&](const std::vector<dnsupdate::ReadResult>& results) {
      REQUIRE(results.front());
      writer.write({change(*results.front(), {"192.0.2.1"})}, [&](dnsupdate::UpdateReport made) {
        report = std::move(made);
        bench.loop.stop();
      });
    });
    bench.run();
    REQUIRE(report);
    CHECK(report->rrsets[0].outcome.kind == OutcomeKind::applied);
    CHECK(report->rrsets[0].outcome.server == named.server());
  }
}

TEST_CASE("a primary that cannot be found is told in a sentence, each time") {
  const Named named;
  Bench bench;
  ZoneConfig config = zone_config({{"192.0.2.1", 53}});
  config.source = net::IpAddress::parse("::1");
  config.key = load_key(named.key_path());
  ZoneWriter writer({.loop = bench.loop,
                     .random = bench.random,
                     .resolver = bench.resolver,
                     .worker = bench.worker,
                     .tls = bench.tls,
                     .quota = nullptr},
                    config, true);
  for (int i = 0; i < 2; ++i) {
    std::optional<dnsupdate::ReadResult> result;
    writer.read({key_of("www.example.com")},
                [&](const std::vector<dnsupdate::ReadResult>& results) {
                  result = results.front();
                  bench.loop.stop();
                });
    bench.run();
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    CHECK_THAT(result->error().detail,
               ContainsSubstring("192.0.2.1") && ContainsSubstring("has no address"));
  }
}

}  // namespace
}  // namespace ronda::test
