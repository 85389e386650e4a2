// Which zone a name belongs to, by a real named and by answers no server should give.
#include "dnsupdate/io/zone_finder.hpp"

#include <optional>

#include "dnsupdate/io/zone_answer.hpp"
#include "net/name_servers.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr const char* kZone =
    "$TTL 60\n@ SOA hidden.example.net. h 7 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    "www A 192.0.2.1\nalias CNAME www.child\ncut NS ns.cut\nns.cut A 127.0.0.1\n";
constexpr const char* kChild =
    "$TTL 60\n@ SOA ns h 9 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.2\n";

NamedOptions two_zones() {
  return {.zone_text = kZone,
          .statements = "zone \"child.example.com\" { type primary; file \"child.db\"; };",
          .files = {{"child.db", kChild}}};
}

std::expected<FoundZone, std::string> find(const FinderSettings& settings,
                                           const std::string& owner) {
  net::UvLoop loop;
  net::SystemRandom random;
  std::optional<std::expected<FoundZone, std::string>> result;
  const net::Handle search = find_zone(loop, random, settings, name(owner),
                                       [&](std::expected<FoundZone, std::string> found) {
                                         result = std::move(found);
                                         loop.stop();
                                       });
  const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(20), [&] { loop.stop(); });
  loop.run();
  REQUIRE(result);
  return *result;
}

TEST_CASE("the zone of a name, signed and unsigned, over TCP and UDP") {
  const Named named(two_zones());
  const net::Endpoint server{net::IpAddress::parse(named.address()).value(), named.port()};
  const FoundZone parent{name("example.com"), name("hidden.example.net"), 7};
  const FoundZone child{name("child.example.com"), name("ns.child.example.com"), 9};
  for (const TsigKeyPtr& key : {TsigKeyPtr(), load_key(named.key_path())}) {
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      const FinderSettings settings{.server = server, .key = key, .transport = transport};
      CHECK(find(settings, "example.com") == parent);
      CHECK(find(settings, "WWW.Example.com") == parent);
      CHECK(find(settings, "not.there.at.all.example.com") == parent);
      CHECK(find(settings, "www.child.example.com") == child);
      CHECK(find(settings, "child.example.com") == child);
      // The alias leads into the child's zone; the name itself is the parent's.
      CHECK(find(settings, "alias.example.com") == parent);
      CHECK_THAT(find(settings, "deep.in.cut.example.com").error(),
                 ContainsSubstring("refers") && ContainsSubstring("\"cut.example.com\""));
      CHECK_THAT(find(settings, "www.example.org").error(), ContainsSubstring("REFUSED"));
    }
  }
  CHECK_THAT(find({.server = server, .key = load_key(named.write_key("other.key", "other"))},
                  "www.example.com")
                 .error(),
             ContainsSubstring("BADKEY"));
}

TEST_CASE("a search that is dropped calls nobody; one that finds nobody says so") {
  Listener closed;
  const net::Endpoint dead = closed.endpoint();
  closed.close();
  CHECK_THAT(find({.server = dead}, "www.example.com").error(), ContainsSubstring("refused"));
  net::UvLoop loop;
  net::SystemRandom random;
  bool called = false;
  net::Handle search = find_zone(loop, random, {.server = dead}, name("www.example.com"),
                                 [&](const auto&) { called = true; });
  search.reset();
  const net::Handle limit =
      loop.at(loop.now() + std::chrono::milliseconds(50), [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
}

ResourceRecord soa_at(const std::string& owner) {
  return {.owner = name(owner),
          .type = RrType::SOA,
          .ttl = 60,
          .rdata = Rdata::parse(RrType::SOA, "ns.example.com h.example.com 5 1 1 1 1")->wire()};
}

ZoneAnswer judge(const Message& reply, bool recursive = false) {
  return judge_zone_answer(name("www.example.com"), reply, recursive, "192.0.2.53:53");
}

TEST_CASE("what an SOA answer must be to count") {
  const FoundZone found{name("example.com"), name("ns.example.com"), 5};
  Message reply;
  reply.header = {.qr = true, .aa = true};
  CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
  reply.authority = {soa_at("example.com")};
  CHECK(judge(reply) == ZoneAnswer(found));
  reply.header.rcode = 3;
  CHECK(judge(reply) == ZoneAnswer(found));

  SECTION("not authoritative") {
    reply.header.aa = false;
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
    CHECK(judge(reply, true) == ZoneAnswer(AskAbove{}));
    reply.header.ra = true;
    CHECK(judge(reply, true) == ZoneAnswer(found));
  }
  SECTION("a zone beside the name, or below it, or sharing half a label") {
    for (const char* owner : {"example.net", "a.www.example.com", "ple.com", "ww.example.com"}) {
      reply.authority = {soa_at(owner)};
      CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
    }
  }
  SECTION("an alias in front of it") {
    reply.answer = {{.owner = name("www.example.com"),
                     .type = RrType::CNAME,
                     .rdata = name("example.com").wire()},
                    soa_at("example.com")};
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
  }
  SECTION("of another class, or broken") {
    reply.authority[0].rr_class = RrClass::ANY;
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
    reply.authority[0].rr_class = RrClass::IN;
    reply.authority[0].rdata.pop_back();
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
    reply.authority[0].rdata = "\x3f";
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
    reply.authority[0].rdata.clear();
    CHECK(judge(reply) == ZoneAnswer(AskAbove{}));
  }
  SECTION("a failure is no reason to look above") {
    for (const std::uint8_t rcode : {std::uint8_t{2}, std::uint8_t{5}, std::uint8_t{9}}) {
      reply.header.rcode = rcode;
      CHECK(std::holds_alternative<SearchFailed>(judge(reply)));
    }
  }
}

TEST_CASE("name servers of resolv.conf") {
  const auto texts = [](std::string_view text) {
    Strings found;
    for (const net::Endpoint& server : net::parse_name_servers(text)) {
      found.push_back(server.to_string());
    }
    return found;
  };
  CHECK(texts("# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1 \n"
              "nameserver\t2001:db8::1\nnameserver\nnameserver fe80::1%eth0\n") ==
        Strings{"192.0.2.1:53", "[2001:db8::1]:53"});
  CHECK(texts("") == Strings{"127.0.0.1:53"});
  CHECK(texts("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
              "nameserver 192.0.2.4\n")
            .size() == 3);
  CHECK(net::system_name_servers("/nonexistent").size() == 1);
}

}  // namespace
}  // namespace ronda::test
