// A probe has one deadline, whatever it has reached by then; and one that our own loop has missed
// says nothing about the replica. Every kind that has a deadline of its own making at once.
#include <algorithm>
#include <chrono>
#include <list>
#include <string>
#include <thread>

#include "probes/kinds.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/integration/probes/test_ca.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

constexpr auto kTimeout = 600ms;
constexpr auto kPause = 400ms;  // before each phase: two of them are too much

CheckSpec check_of(const char* kind, TlsMode tls) {
  CheckSpec check = test::make_check(kind, find_kind(kind)->initial, tls);
  check.timeout = kTimeout;
  check.tls_settings.verify = false;
  return check;
}

CheckSpec dns_check(DnsTransport transport) {
  CheckSpec check = check_of("dns", TlsMode::off);
  check.protocol = DnsCheck{.name = "example.com", .transport = transport};
  return check;
}

struct Visit {
  Visit(CheckSpec asked, const net::Endpoint& where) : check(std::move(asked)), endpoint(where) {}
  CheckSpec check;
  net::Endpoint endpoint;
  test::Stopwatch stopwatch{};
  net::Duration took{};
  std::string outcome{};
  net::Handle handle{};
};

void visit_all(Prober& prober, std::list<Visit>& visits) {
  std::size_t open = visits.size();
  for (Visit& visit : visits) {
    visit.stopwatch = {};
    visit.handle =
        start_probe(prober.engines, visit.check, visit.endpoint, [&](const ProbeResult& result) {
          visit.took = visit.stopwatch.elapsed();
          visit.outcome = brief(result);
          if (--open == 0) {
            prober.loop.stop();
          }
        });
  }
  prober.run(kTimeout + 10s);
  REQUIRE(open == 0);
}

}  // namespace

TEST_CASE("one deadline for a whole probe, whatever time each of its phases took") {
  const test::TestCa ca;
  const auto context = ca.server();
  // A handshake that takes its time, and then nothing, or half an answer.
  ScriptedServer secured([&](Peer& peer) {
    if (peer.stays_for(kPause) && peer.secure(context)) {
      peer.rest();
    }
  });
  ScriptedServer upgraded([&](Peer& peer) {
    peer.write("220 mx\r\n");
    peer.line();
    peer.write("250-mx\r\n250 STARTTLS\r\n");
    peer.line();
    peer.write("220 go\r\n");
    if (peer.stays_for(kPause) && peer.secure(context)) {
      peer.rest();
    }
  });
  // Or one that never comes.
  ScriptedServer stalled([](Peer& peer) {
    if (peer.stays_for(kPause)) {
      peer.write("220 mx\r\n");
      peer.line();
      peer.write("250-mx\r\n250 STARTTLS\r\n");
      peer.line();
      peer.write("220 go\r\n");
      peer.rest();
    }
  });
  ScriptedServer greeting([](Peer& peer) {
    if (peer.stays_for(kPause)) {
      peer.write("220 mx\r\n");
      peer.rest();
    }
  });
  ScriptedServer heading([](Peer& peer) {
    peer.until_blank_line();
    if (peer.stays_for(kPause)) {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      peer.rest();
    }
  });
  Prober prober;
  std::list<Visit> visits;
  visits.emplace_back(check_of("smtps", TlsMode::implicit), secured.endpoint());
  visits.emplace_back(check_of("https", TlsMode::implicit), secured.endpoint());
  visits.emplace_back(dns_check(DnsTransport::tls), secured.endpoint());
  visits.emplace_back(check_of("smtp", TlsMode::starttls), upgraded.endpoint());
  visits.emplace_back(check_of("smtp", TlsMode::off), greeting.endpoint());
  visits.emplace_back(check_of("http", TlsMode::off), heading.endpoint());
  visits.emplace_back(check_of("smtp", TlsMode::starttls), stalled.endpoint());
  visit_all(prober, visits);
  CHECK_THAT(visits.back().outcome, StartsWith("fail L6TOUT: TLS handshake not done within 600ms"));
  for (const Visit& visit : visits) {
    CAPTURE(visit.check.kind, static_cast<int>(visit.check.tls));
    CHECK_THAT(visit.outcome, StartsWith(&visit == &visits.back() ? "fail L6" : "fail L7TOUT: "));
    CHECK(visit.took < kTimeout + 50ms);
  }
}

TEST_CASE("a deadline that our own loop missed is held against nobody") {
  ScriptedServer silent([](Peer& peer) { peer.rest(); });
  const test::Listener deaf(SOCK_DGRAM);
  Prober prober;
  std::list<Visit> visits;
  visits.emplace_back(check_of("smtp", TlsMode::off), silent.endpoint());
  visits.emplace_back(check_of("smtps", TlsMode::implicit), silent.endpoint());
  visits.emplace_back(check_of("http", TlsMode::off), silent.endpoint());
  visits.emplace_back(check_of("https", TlsMode::implicit), silent.endpoint());
  visits.emplace_back(dns_check(DnsTransport::tcp), silent.endpoint());
  visits.emplace_back(dns_check(DnsTransport::udp), deaf.endpoint());
  const auto awake = prober.loop.now() + kTimeout + 500ms;
  const net::Handle blocker =
      prober.loop.at(prober.loop.now() + 100ms, [&] { std::this_thread::sleep_until(awake); });
  visit_all(prober, visits);
  for (const Visit& visit : visits) {
    CAPTURE(visit.check.kind, static_cast<int>(visit.check.tls));
    CHECK_THAT(visit.outcome,
               StartsWith("unknown SOCKERR: no answer in time, but our own loop was late by "));
  }
}

}  // namespace ronda::probes
