// Several servers for one zone, the questions in flight at each of them, and what a client's owner
// may do to it in the middle of its work.
#include <array>
#include <chrono>
#include <memory>

#include <sys/socket.h>

#include "dnsupdate/io/server_quota.hpp"
#include "net/tcp_stream.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::milliseconds;

net::Endpoint endpoint_of(const Named& named) {
  return {net::IpAddress::parse(named.address()).value(), named.port()};
}

net::Endpoint dead_endpoint() {
  Listener listener;
  const net::Endpoint endpoint = listener.endpoint();
  listener.close();
  return endpoint;
}

ClientFixture make_client(const Named& named, std::vector<net::Endpoint> servers,
                          Transport transport = Transport::automatic,
                          net::Duration timeout = std::chrono::seconds(2)) {
  return ClientFixture(named.address(), named.port(), named.key_path(),
                       {.servers = std::move(servers), .transport = transport, .timeout = timeout});
}

RrsetChange addition(const std::string& owner) {
  return change(rrset(owner, {}), {"192.0.2.1"});
}

TEST_CASE("the next server after a refused connection, named in the outcome, and kept") {
  Named named;
  const net::Endpoint dead = dead_endpoint();
  ClientFixture client = make_client(named, {dead, endpoint_of(named)});
  const UpdateReport report = client.update({addition("www.example.com")});
  INFO(report.rrsets[0].outcome.detail);
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].outcome.server == named.server());
  CHECK(named.update_count() == 1);
  // Somebody who now listens at the first one is not asked: the one that works is kept.
  CHECK(client.read(key_of("www.example.com"))->to_strings() == Strings{"192.0.2.1"});
  named.kill();
  const ReadResult lost = client.read(key_of("www.example.com"));
  REQUIRE_FALSE(lost);
  CHECK_THAT(lost.error().detail,
             ContainsSubstring(named.server()) && ContainsSubstring(dead.to_string()));
  named.start();
  CHECK(client.read(key_of("www.example.com")));
}

TEST_CASE("the next server after a connection that never comes about") {
  const Named named;
  // A queue of one that nobody empties: further connections are neither taken nor refused.
  Listener full;
  REQUIRE(::listen(full.get(), 0) == 0);
  net::UvLoop loop;
  std::vector<std::unique_ptr<net::TcpStream>> fillers;
  for (int i = 0; i < 3; ++i) {
    fillers.push_back(
        net::TcpStream::connect(loop, full.endpoint(), {}, [](const auto&) {}).value());
  }
  ClientFixture client = make_client(named, {full.endpoint(), endpoint_of(named)},
                                     Transport::automatic, milliseconds(500));
  const UpdateReport report =
      client.update({addition("www.example.com"), addition("web.example.com")});
  INFO(report.rrsets[0].outcome.detail);
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.rrsets[0].outcome.server == named.server());
  CHECK(named.update_count() == 1);
}

TEST_CASE("never the next server when an answer is missing") {
  Named first;
  const Named second;
  ClientFixture client(
      first.address(), first.port(), first.key_path(),
      {.servers = {endpoint_of(first), endpoint_of(second)}, .timeout = milliseconds(400)});
  REQUIRE(client.read(key_of("www.example.com")));
  first.pause();
  const UpdateReport report = client.update({addition("www.example.com")});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK(report.rrsets[0].outcome.server == first.server());
  first.resume();
  CHECK(second.update_count() == 0);
}

TEST_CASE("from a source address, and over IPv6") {
  const std::uint16_t port = find_free_port("127.0.0.1");
  const Named named({.options = "allow-query { 127.0.0.2; ::1; }; listen-on-v6 port " +
                                std::to_string(port) + " { ::1; };"});
  ClientFixture default_source(named.address(), named.port(), named.key_path());
  const ReadResult refused = default_source.read(key_of("ns.example.com"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().rcode == Rcode::REFUSED);
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    ClientFixture other(named.address(), named.port(), named.key_path(),
                        {.transport = transport, .source = net::IpAddress::parse("127.0.0.2")});
    CHECK(other.read(key_of("ns.example.com")));
    ClientFixture v6("::1", port, named.key_path(),
                     {.transport = transport, .source = net::IpAddress::parse("::1")});
    const UpdateReport report =
        v6.update({addition(transport == Transport::udp ? "u.example.com" : "t.example.com")});
    INFO(report.rrsets[0].outcome.detail);
    CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
    CHECK(report.rrsets[0].outcome.server == "[::1]:" + std::to_string(port));
  }
  // A source that cannot reach the first server is a reason to try the next.
  ClientFixture mixed(named.address(), named.port(), named.key_path(),
                      {.servers = {endpoint_of(named), {*net::IpAddress::parse("::1"), port}},
                       .source = net::IpAddress::parse("::1")});
  CHECK(mixed.read(key_of("ns.example.com")));
}

TEST_CASE("a port without a listener over UDP: unknown for an UPDATE, the next for a query") {
  const Named named;
  const net::Endpoint dead = dead_endpoint();
  ClientFixture alone = make_client(named, {dead}, Transport::udp);
  const auto before = std::chrono::steady_clock::now();
  const UpdateReport report = alone.update({addition("www.example.com")});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_THAT(report.rrsets[0].outcome.detail, ContainsSubstring("refused"));
  // By the ICMP message, not by the time that passes.
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
  ClientFixture both = make_client(named, {dead, endpoint_of(named)}, Transport::udp);
  CHECK(both.read(key_of("ns.example.com"))->to_strings() == Strings{"127.0.0.1"});
}

TEST_CASE("clients that share a quota share the places of a server") {
  ServerQuota quota(2);
  const net::Endpoint server{net::IpAddress::from_v4({127, 0, 0, 1}), 53};
  ServerQuota::Place one = quota.take(server);
  const ServerQuota::Place two = quota.take(server);
  CHECK(quota.take(server) == nullptr);
  CHECK(quota.take({server.ip, 54}) != nullptr);
  std::string woken;
  net::Handle dropped = quota.wait(server, [&] { woken += "dropped "; });
  const net::Handle uninterested = quota.wait(server, [&] { woken += "first "; });
  ServerQuota::Place taken;
  const net::Handle second = quota.wait(server, [&] {
    woken += "second ";
    taken = quota.take(server);
  });
  const net::Handle third = quota.wait(server, [&] { woken += "third "; });
  dropped.reset();
  one.reset();
  CHECK(woken == "first second ");
  CHECK(quota.take(server) == nullptr);
}

// Counts what is asked of it and answers nothing.
TEST_CASE("at most so many questions in flight at one server over all its clients") {
  const Named named;
  net::UvLoop loop;
  net::SystemRandom random;
  std::size_t asked = 0;
  ScriptedServer server(loop, [&](const Bytes&) {
    ++asked;
    return Performance{};
  });
  const auto quota = std::make_shared<ServerQuota>(32);
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<net::Handle> works;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Client>(loop, random,
                                               ClientSettings{.zone = name("example.com"),
                                                              .servers = {loopback(server.port())},
                                                              .key = load_key(named.key_path()),
                                                              .timeout = std::chrono::seconds(20),
                                                              .quota = quota}));
    std::vector<RrsetKey> keys(30, key_of("www.example.com"));
    works.push_back(clients.back()->read(keys, [](const auto&) {}));
  }
  const net::Handle limit = loop.at(loop.now() + milliseconds(700), [&] { loop.stop(); });
  loop.run();
  CHECK(asked == 32);
  works.clear();
  clients.clear();
}

TEST_CASE("more than a megabyte of pipelined updates waits its turn") {
  const Named named({.options = "max-records-per-type 0;"});
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.timeout = std::chrono::seconds(8)});
  std::vector<RrsetChange> changes;
  const std::string text(250, 'x');
  for (int i = 0; i < 60; ++i) {
    Strings values;
    for (int j = 0; j < 100; ++j) {
      values.push_back('"' + std::to_string(j) + text.substr(4) + '"');
    }
    changes.push_back(
        change(rrset("t" + std::to_string(i) + ".example.com", {}, RrType::TXT), values));
  }
  const UpdateReport report = client.update(changes);
  std::size_t applied = 0;
  for (const RrsetOutcome& one : report.rrsets) {
    INFO(one.outcome.detail);
    applied += one.outcome.kind == OutcomeKind::applied ? 1U : 0U;
  }
  CHECK(applied == 60);
}

TEST_CASE("an idle connection is not used any more, and nobody notices") {
  const Named named;
  for (const bool idle : {false, true}) {
    ClientFixture client(named.address(), named.port(), named.key_path(),
                         {.idle_limit = milliseconds(idle ? 0 : 5000)});
    REQUIRE(client.read(key_of("ns.example.com")));
    const net::Handle later =
        client.loop().at(client.loop().now() + milliseconds(20), [&] { client.loop().stop(); });
    client.run();
    REQUIRE(client.read(key_of("ns.example.com")));
    CHECK(client.update({addition(idle ? "a.example.com" : "b.example.com")})
              .rrsets[0]
              .outcome.kind == OutcomeKind::applied);
  }
}

TEST_CASE("updates of one owner wait for one another across calls, others do not") {
  const Named named;
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet one = rrset("www.example.com", {"192.0.2.1"});
  std::string order;
  std::size_t missing = 3;
  const auto note = [&](std::string what, OutcomeKind wanted) {
    return [&, what, wanted](const UpdateReport& report) {
      CHECK(report.rrsets[0].outcome.kind == wanted);
      order += what;
      if (--missing == 0) {
        client.loop().stop();
      }
    };
  };
  // Each builds on the one before: out of order the second would be a conflict.
  const net::Handle first =
      client.client().update({addition("www.example.com")}, note("1", OutcomeKind::applied));
  const net::Handle second = client.client().update({change(one, {"192.0.2.1", "192.0.2.2"})},
                                                    note("2", OutcomeKind::applied));
  const net::Handle third = client.client().update(
      {change(rrset("www.example.com", {"192.0.2.1", "192.0.2.2"}), {"192.0.2.2"})},
      note("3", OutcomeKind::applied));
  client.run();
  CHECK(order == "123");
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.2"});
}

TEST_CASE("a dropped handle is silent, and does not hold up who waits for the same owner") {
  const Named named;
  ClientFixture client(named.address(), named.port(), named.key_path());
  bool heard = false;
  net::Handle dropped = client.client().update({addition("www.example.com")},
                                               [&](const UpdateReport&) { heard = true; });
  net::Handle read =
      client.client().read({key_of("www.example.com")}, [&](const auto&) { heard = true; });
  dropped.reset();
  read.reset();
  const UpdateReport report = client.update({addition("web.example.com")});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  const ReadResult now = client.read(key_of("www.example.com"));
  REQUIRE(now);
  CHECK(client.update({change(*now, {"192.0.2.9"})}).rrsets[0].outcome.kind ==
        OutcomeKind::applied);
  CHECK_FALSE(heard);
}

TEST_CASE("a client may be destroyed inside a callback, with other work under way") {
  const Named named;
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    net::UvLoop loop;
    net::SystemRandom random;
    auto client = std::make_unique<Client>(loop, random,
                                           ClientSettings{.zone = name("example.com"),
                                                          .servers = {endpoint_of(named)},
                                                          .key = load_key(named.key_path()),
                                                          .transport = transport});
    std::vector<net::Handle> works;
    bool called = false;
    for (int i = 0; i < 3; ++i) {
      works.push_back(client->read({key_of("ns.example.com")}, [&](const auto&) {
        CHECK_FALSE(called);
        called = true;
        works.clear();
        client.reset();
        loop.stop();
      }));
    }
    const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(10), [&] { loop.stop(); });
    loop.run();
    CHECK(called);
  }
}

// The real loop with a wall clock that is wrong.
class SkewedLoop final : public net::Loop {
 public:
  SkewedLoop(net::UvLoop& loop, std::chrono::seconds skew) : loop_(loop), skew_(skew) {}
  net::SteadyTime now() const override { return loop_.now(); }
  net::WallTime wall_now() const override { return loop_.wall_now() + skew_; }
  net::Handle at(net::SteadyTime when, Callback callback) override {
    return loop_.at(when, std::move(callback));
  }
  std::unique_ptr<net::Watch> watch(int descriptor, OnReady callback) override {
    return loop_.watch(descriptor, std::move(callback));
  }
  net::Handle on_signal(int number, Callback callback) override {
    return loop_.on_signal(number, std::move(callback));
  }
  net::Duration worst_lag_since(net::SteadyTime start) const override {
    return loop_.worst_lag_since(start);
  }

 private:
  net::UvLoop& loop_;
  std::chrono::seconds skew_;
};

TEST_CASE("a wrong clock: BADTIME, the difference in the sentence, nothing written") {
  const Named named;
  for (const auto& [skew, word] : {std::pair(-900, "ahead of"), std::pair(900, "behind")}) {
    net::UvLoop loop;
    SkewedLoop skewed(loop, std::chrono::seconds(skew));
    net::SystemRandom random;
    Client client(skewed, random,
                  {.zone = name("example.com"),
                   .servers = {endpoint_of(named)},
                   .key = load_key(named.key_path())});
    std::optional<UpdateReport> report;
    const net::Handle work = client.update({addition("www.example.com")}, [&](UpdateReport made) {
      report = std::move(made);
      loop.stop();
    });
    const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(10), [&] { loop.stop(); });
    loop.run();
    REQUIRE(report);
    const Outcome& outcome = report->rrsets[0].outcome;
    INFO(outcome.detail);
    CHECK(outcome.tsig_error == TsigError::BADTIME);
    CHECK(outcome.kind != OutcomeKind::applied);
    CHECK_THAT(outcome.detail, ContainsSubstring(word) && ContainsSubstring("NTP"));
    CHECK(named.lookup("www.example.com").empty());
  }
}

}  // namespace
}  // namespace ronda::test
