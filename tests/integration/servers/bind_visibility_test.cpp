// Traps of a real BIND between "committed" and "visible": signed copies that lag, updates that land
// late or twice, secondaries that forward.
#include <chrono>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dnsupdate/update/signed_request.hpp"
#include "dnsupdate/update/update_request.hpp"
#include "net/descriptor.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr const char* kZone =
    "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
    "www A 192.0.2.1\nwww A 192.0.2.2\n";
constexpr const char* kPolicy =
    "dnssec-policy \"p\" { keys { csk lifetime unlimited algorithm ecdsap256sha256; }; };";

// A datagram that goes out as often as asked, and its answer: what a client must never do.
class Replayer {
 public:
  explicit Replayer(const Named& named) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(named.port());
    ::inet_pton(AF_INET, named.address().c_str(), &server.sin_addr);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) ==
            0);
  }

  Rcode send(const Bytes& octets) const {
    REQUIRE(::send(socket_.get(), octets.data(), octets.size(), 0) ==
            static_cast<ssize_t>(octets.size()));
    Bytes reply(65535);
    const ssize_t size = ::recv(socket_.get(), reply.data(), reply.size(), 0);
    REQUIRE(size > 0);
    reply.resize(static_cast<std::size_t>(size));
    return read_message(reply).value().rcode();
  }

 private:
  net::Descriptor socket_;
};

TEST_CASE("inline-signing: NOERROR, then the old answer") {
  const Named named({.zone_text = kZone,
                     .zone_options = "update-policy { grant ronda zonesub ANY; };\n"
                                     "  dnssec-policy p; inline-signing yes;",
                     .statements = kPolicy});
  ClientFixture client(named.address(), named.port(), named.key_path());
  RrSet now = client.read(key_of("www.example.com")).value();
  for (int round = 0; round < 20; ++round) {
    const Strings wanted =
        round % 2 == 0 ? Strings{"192.0.2.1"} : Strings{"192.0.2.1", "192.0.2.2"};
    const UpdateReport report = client.update({change(now, wanted)});
    INFO("round " << round << ": " << report.rrsets[0].outcome.detail);
    REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
    // Applied means visible: no second look here.
    REQUIRE(named.lookup("www.example.com") == wanted);
    now = report.rrsets[0].observed.value();
  }
}

TEST_CASE("replay: the same datagram again, after the record came back, lands again") {
  const Named named({.zone_text = kZone});
  ClientFixture client(named.address(), named.port(), named.key_path());
  const RrSet both = client.read(key_of("www.example.com")).value();
  const TsigKeyPtr key = load_key(named.key_path());
  auto removal = SignedRequest::make(
      update_message(name("example.com"), {change(both, {"192.0.2.1"})}), key, {});
  REQUIRE(removal);
  const Bytes datagram = removal->sign(4711, std::chrono::system_clock::now());
  const Replayer network(named);

  REQUIRE(network.send(datagram) == Rcode::NOERROR);
  // As long as the set is another one, the prerequisites keep the copy out.
  CHECK(network.send(datagram) == Rcode::NXRRSET);
  const RrSet one = client.read(key_of("www.example.com")).value();
  REQUIRE(one.to_strings() == Strings{"192.0.2.1"});
  UpdateReport report = client.update({change(one, {"192.0.2.1", "192.0.2.2"})});
  REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  // A state that returns is what no prerequisite sees: hence TCP, and a reconciliation.
  CHECK(network.send(datagram) == Rcode::NOERROR);
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.1"});
  const RrSet drifted = client.read(key_of("www.example.com")).value();
  report = client.update({change(drifted, {"192.0.2.1", "192.0.2.2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(named.lookup("www.example.com") == Strings{"192.0.2.1", "192.0.2.2"});
}

TEST_CASE("late landing: unknown first, in the zone when named wakes up") {
  Named named({.zone_text = kZone});
  ClientFixture client(named.address(), named.port(), named.key_path(),
                       {.timeout = std::chrono::milliseconds(300)});
  const RrSet both = client.read(key_of("www.example.com")).value();
  named.pause();
  UpdateReport report = client.update({change(both, {"192.0.2.1"})});
  REQUIRE(report.rrsets[0].outcome.kind == OutcomeKind::unknown);
  CHECK_FALSE(report.rrsets[0].observed);
  named.resume();
  REQUIRE(eventually(std::chrono::seconds(10), [&] { return named.serial() > 1; }));
  const RrSet landed = client.read(key_of("www.example.com")).value();
  CHECK(landed.to_strings() == Strings{"192.0.2.1"});
  report = client.update({change(landed, {"192.0.2.1", "192.0.2.2"})});
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
}

TEST_CASE("forwarding secondary named as primary") {
  const std::uint16_t port = find_free_port("127.0.0.1");
  const Named primary(
      {.zone_text = kZone,
       .zone_options = "update-policy { grant ronda zonesub ANY; };\n  notify explicit; "
                       "also-notify { 127.0.0.1 port " +
                       std::to_string(port) + "; };\n  allow-transfer { key ronda; };",
       .options = "notify-delay 2; startup-notify-rate 1000;"});
  const Named secondary(
      {.zone = "other.test",
       .statements = "include \"" + primary.key_path() +
                     "\";\nzone \"example.com\" { type secondary; file \"copy.db\"; "
                     "primaries { " +
                     primary.address() + " port " + std::to_string(primary.port()) +
                     " key ronda; }; allow-update-forwarding { any; }; };",
       .key_name = "unused",
       .port = port});
  REQUIRE(eventually(std::chrono::seconds(10),
                     [&] { return !secondary.lookup("www.example.com").empty(); }));
  ClientFixture client(secondary.address(), secondary.port(), primary.key_path());
  const RrSet both = client.read(key_of("www.example.com")).value();
  const UpdateReport report = client.update({change(both, {"192.0.2.1"})});
  INFO(report.rrsets[0].outcome.detail);
  REQUIRE(report.messages.size() == 1);
  CHECK(report.rrsets[0].outcome.kind == OutcomeKind::applied);
  CHECK(report.messages[0].visible_after > std::chrono::seconds(1));
  CHECK_THAT(
      report.rrsets[0].outcome.detail,
      ContainsSubstring("probably a secondary that forwards updates; name the primary behind it"));
  CHECK(primary.lookup("www.example.com") == Strings{"192.0.2.1"});
  CHECK(secondary.lookup("www.example.com") == Strings{"192.0.2.1"});
}

}  // namespace
}  // namespace ronda::test
