// The presets before servers that mean them ill: whatever comes, the verdict is there in time.
#include <chrono>
#include <string>

#include "probes/kinds.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

constexpr auto kTimeout = 300ms;

CheckSpec check_of(const char* kind) {
  CheckSpec check = test::make_check(kind, find_kind(kind)->initial);
  check.timeout = kTimeout;
  return check;
}

struct Good {
  const char* kind;
  std::string answer;
  std::string beginning;  // what never becomes an answer, again and again
};
const Good kGood[] = {
    {"ssh", "SSH-2.0-x\r\n", "hello\r\n"},
    {"redis", "+PONG\r\n", "+PONGPONG"},
    {"memcached", "VERSION 1\r\n", "VERSION 1"},
    {"ldap", std::string("0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0", 14), "0"},
    {"mqtt", std::string("\x20\x02\0\0", 4), "\x20"},
    {"sip", "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "SIP/2.0 100 Trying\r\n\r\n"},
};

}  // namespace

TEST_CASE("presets: silent, closed, reset, one octet at a time, an endless answer") {
  Prober prober;
  for (const Good& good : kGood) {
    CAPTURE(good.kind);
    const CheckSpec check = check_of(good.kind);
    const auto judge = [&](const ScriptedServer::Script& script) {
      ScriptedServer server(script);
      const ProbeResult result = prober.probe(check, server.endpoint());
      CHECK(result.phases.total < kTimeout + 50ms);
      return brief(result);
    };
    CHECK_THAT(judge([](Peer& peer) { peer.rest(); }), StartsWith("fail L7TOUT: expected "));
    CHECK_THAT(judge([](Peer&) {}), StartsWith("fail L7RSP: expected "));
    CHECK_THAT(judge([](Peer& peer) { peer.reset(); }), StartsWith("fail L"));
    CHECK_THAT(judge([&](Peer& peer) {
                 for (const char byte : good.answer) {
                   peer.write(std::string_view(&byte, 1));
                 }
                 peer.rest();
               }),
               StartsWith("pass L7OK: "));
    CHECK_THAT(judge([&](Peer& peer) {
                 std::string flood;
                 while (flood.size() < 16'384) {
                   flood += good.beginning;
                 }
                 for (int i = 0; i < 4096 && !peer.cut_short(); ++i) {
                   peer.write(flood);
                 }
               }),
               StartsWith("fail L7RSP: expected "));
  }
}

TEST_CASE("presets: a server that is silent to the goodbye delays nothing") {
  Prober prober;
  for (const Good& good : kGood) {
    CAPTURE(good.kind);
    ScriptedServer server([&](Peer& peer) {
      peer.write(good.answer);
      peer.rest();
    });
    const ProbeResult result = prober.probe(check_of(good.kind), server.endpoint());
    CHECK_THAT(brief(result), StartsWith("pass L7OK: "));
    CHECK(result.phases.total < kTimeout);
  }
}

}  // namespace ronda::probes
