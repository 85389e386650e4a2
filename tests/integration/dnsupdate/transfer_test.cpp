// A zone by AXFR from a real named, in many signed messages, and from servers that send anything
// but a zone.
#include <optional>
#include <set>

#include "dnsupdate/io/zone_transfer.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using namespace std::chrono_literals;

struct Got {
  std::size_t records = 0;
  std::set<std::string> owners{};
  std::expected<void, TransferFault> end{};
};

Got transfer(net::UvLoop& loop, const TransferSettings& settings) {
  net::SystemRandom random;
  Got got;
  bool done = false;
  const net::Handle limit = loop.at(loop.now() + 20s, [&] { loop.stop(); });
  const net::Handle work = transfer_zone(
      loop, random, settings,
      [&](const std::vector<ResourceRecord>& records) {
        got.records += records.size();
        for (const ResourceRecord& record : records) {
          got.owners.insert(record.owner.to_string());
        }
      },
      [&](std::expected<void, TransferFault> end) {
        got.end = std::move(end);
        done = true;
        loop.stop();
      });
  loop.run();
  REQUIRE(done);
  return got;
}

net::Endpoint at(const std::string& address, std::uint16_t port) {
  return {net::IpAddress::parse(address).value(), port};
}

TransferSettings settings_for(const Named& named, const std::string& key_path = {}) {
  return {.zone = name("example.com"),
          .servers = {at(named.address(), named.port())},
          .key = key_path.empty() ? nullptr : load_key(key_path)};
}

NamedOptions zone_of(const std::string& more, const std::string& options) {
  NamedOptions made;
  made.zone_text =
      "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n" + more;
  made.zone_options = options;
  return made;
}

TEST_CASE("twenty thousand names from named, signed and unsigned") {
  const Named named(zone_of("$GENERATE 1-20000 host-with-a-name-of-some-length-$ A 192.0.2.1\n",
                            "allow-transfer { any; };"));
  net::UvLoop loop;
  for (const std::string& key : {named.key_path(), std::string()}) {
    const Got got = transfer(loop, settings_for(named, key));
    INFO((got.end ? "" : got.end.error().detail));
    CHECK(got.end);
    CHECK(got.records == 20'003);  // SOA, NS, ns
    CHECK(got.owners.size() == 20'002);
  }
  TransferSettings small = settings_for(named, named.key_path());
  small.limits.records = 1000;
  CHECK_THAT(transfer(loop, small).end.error().detail, ContainsSubstring("after 1000 records"));
}

TEST_CASE("whom named does not serve") {
  const Named named(zone_of("", "allow-transfer { key ronda; };"));
  net::UvLoop loop;
  CHECK(transfer(loop, settings_for(named, named.key_path())).end);

  const auto refused = transfer(loop, settings_for(named)).end;
  CHECK(refused.error().refused);
  CHECK_THAT(refused.error().detail, ContainsSubstring("(REFUSED)"));

  const auto bad_key =
      transfer(loop, settings_for(named, named.write_key("other.key", "other"))).end;
  CHECK_FALSE(bad_key.error().refused);
  CHECK_THAT(bad_key.error().detail, ContainsSubstring("BADKEY"));
  const auto bad_secret =
      transfer(loop, settings_for(named, named.write_key("wrong.key", "ronda"))).end;
  CHECK_FALSE(bad_secret.error().refused);
  CHECK_THAT(bad_secret.error().detail, ContainsSubstring("BADSIG"));
}

TEST_CASE("the next server when no connection comes about") {
  const Named named(zone_of("", "allow-transfer { any; };"));
  Listener closed;
  const std::uint16_t dead = closed.endpoint().port;
  closed.close();
  net::UvLoop loop;
  TransferSettings settings = settings_for(named);
  settings.servers.insert(settings.servers.begin(), at("127.0.0.1", dead));
  CHECK(transfer(loop, settings).end);
  settings.servers.pop_back();
  CHECK_THAT(transfer(loop, settings).end.error().detail, ContainsSubstring("refused"));
}

ResourceRecord record(const std::string& owner, RrType type, const std::string& data) {
  return {.owner = name(owner),
          .type = type,
          .ttl = 60,
          .rdata = Rdata::parse(type, data).value().wire()};
}

// Answers of an unsigned transfer; only the first repeats the question.
Bytes answer(const Bytes& question, const std::vector<ResourceRecord>& records, bool first) {
  Message message = read_message(question).value();
  message.header.qr = true;
  message.header.aa = true;
  message.additional.clear();
  message.answer = records;
  if (!first) {
    message.question.clear();
  }
  return write_message(message).value();
}

TEST_CASE("servers that send something else: one sentence each, and the end") {
  const ResourceRecord soa =
      record("example.com", RrType::SOA, "ns.example.com h.example.com 7 3600 600 86400 60");
  const ResourceRecord host = record("www.example.com", RrType::A, "192.0.2.1");
  struct Case {
    ScriptedServer::Script script;
    const char* sentence;
    bool with_key = false;
  };
  const TsigKeyPtr key = load_key(Named(zone_of("", "")).key_path());
  const Case cases[] = {
      {[](const Bytes&) { return Performance{.messages = {Bytes(50, std::byte{0xfe})}}; },
       "a message is malformed"},
      {[&](const Bytes& question) {  // without end
         Performance endless{.messages = {answer(question, {soa}, true)}};
         endless.messages.resize(400, answer(question, std::vector(20, host), false));
         return endless;
       },
       "it goes on after 1000 records"},
      {[&](const Bytes& question) {
         return Performance{.messages = {answer(question, {soa, host}, true)}};
       },
       "no answer from"},
      {[&](const Bytes& question) {
         return Performance{.messages = {answer(question, {soa, host}, true)},
                            .half_then_reset = true};
       },
       "the connection to"},
      {[&](const Bytes& question) {  // the first message signed well, the second not
         const Bytes request_mac = [&] {
           const std::string rdata = read_message(question)->additional.back().rdata;
           Bytes mac;
           for (const char octet : rdata.substr(rdata.size() - 6 - 32, 32)) {
             mac.push_back(static_cast<std::byte>(octet));
           }
           return mac;
         }();
         const auto now = std::chrono::system_clock::now();
         Bytes second = tsig_sign(answer(question, {host, soa}, false), *key, now).octets;
         return Performance{
             .messages = {tsig_sign(answer(question, {soa}, true), *key, now, request_mac).octets,
                          std::move(second)}};
       },
       "of a later message, its signature is wrong", true},
  };
  for (const Case& one : cases) {
    net::UvLoop loop;
    ScriptedServer server(loop, one.script);
    TransferSettings settings{.zone = name("example.com"),
                              .servers = {at("127.0.0.1", server.port())},
                              .key = one.with_key ? key : nullptr,
                              .timeout = 500ms};
    settings.limits.records = 1000;
    const auto end = transfer(loop, settings).end;
    INFO(one.sentence);
    REQUIRE_FALSE(end);
    CHECK_FALSE(end.error().refused);
    CHECK_THAT(end.error().detail, ContainsSubstring(one.sentence));
  }
}

TEST_CASE("a zone that comes in single octets, and one that takes too long") {
  const ResourceRecord soa =
      record("example.com", RrType::SOA, "ns.example.com h.example.com 7 3600 600 86400 60");
  net::UvLoop loop;
  ScriptedServer slow(loop, ScriptedServer::Script([&](const Bytes& question) {
                        return Performance{.messages = {answer(question, {soa}, true),
                                                        answer(question, {soa}, false)},
                                           .one_octet_a_write = true};
                      }));
  TransferSettings settings{.zone = name("example.com"), .servers = {at("127.0.0.1", slow.port())}};
  CHECK(transfer(loop, settings).end);

  ScriptedServer silent(loop, ScriptedServer::Script([](const Bytes&) { return Performance{}; }));
  settings.servers = {at("127.0.0.1", silent.port())};
  settings.patience = 200ms;
  CHECK_THAT(transfer(loop, settings).end.error().detail,
             ContainsSubstring("takes longer than 200ms"));
}

}  // namespace
}  // namespace ronda::test
