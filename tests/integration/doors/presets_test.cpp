#include <string>
#include <string_view>

#include "probes/kinds.hpp"
#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/backends.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::brief;
using test::count;
using test::endpoint;
using test::Entry;
using test::own_address;
using test::Prober;

constexpr std::uint16_t kPort = 28'480;

// One room: certificates, an address, a prober, and a short way to ask.
struct Room {
  test::TempFolder folder{};
  test::Certificates certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  std::string host = own_address();
  Prober prober{};
  std::string dialogue{};  // all that `ronda probe --explain` would have shown

  Room() {
    prober.engines.on_trace = [this](const TraceLine& line) { dialogue += line.text + "\n"; };
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  CheckSpec check(const char* kind, TlsMode tls = TlsMode::off, const char* login = nullptr) const {
    CheckSpec made = test::make_check(kind, find_kind(kind)->initial, tls);
    made.tls_settings.ca_file = certificates.ca.string();
    if (login != nullptr) {
      std::get<PresetCheck>(made.protocol).login = *Login::parse(login, "f");
    }
    return made;
  }
  std::string ask(const CheckSpec& check, std::uint16_t port) {
    return brief(prober.verdict_of(check, endpoint(host, port)));
  }
  std::string plain(const char* kind, const char* login = nullptr) {
    return ask(check(kind, TlsMode::off, login), kPort);
  }
  std::string over_tls(const char* kind, const char* login = nullptr) {
    return ask(check(kind, TlsMode::implicit, login), kPort + 1);
  }
  void expect_no_secret() const {
    INFO(dialogue);
    CHECK_THAT(dialogue, ContainsSubstring("***"));
    CHECK_THAT(dialogue, !ContainsSubstring("-word"));
  }
  // Of a server that stands still, and of one that has ended.
  void expect_down(test::Server& server, const char* kind) {
    server.pause();
    CheckSpec impatient = check(kind);
    impatient.timeout = std::chrono::milliseconds(300);
    CHECK_THAT(ask(impatient, kPort), StartsWith("fail L7TOUT: expected "));
    server.stop();
    CHECK_THAT(plain(kind), StartsWith("fail L4CON: "));
  }
};

// Farewells are still under way when the result is told.
bool comes_to_say(Prober& prober, const test::Server& server, const std::string& what,
                  std::size_t times) {
  return prober.wait_for([&] { return count(server.log(), what) >= times; });
}

}  // namespace

TEST_CASE("Dropbear: up, down, and a goodbye it understands") {
  Room room;
  test::Dropbear dropbear(room.host, kPort);
  CHECK_THAT(room.plain("ssh"), StartsWith("pass L7OK: SSH-2.0-dropbear"));
  CHECK(comes_to_say(room.prober, dropbear, "Disconnect received", 1));
  INFO(dropbear.log());
  for (const char* complaint : {"Bad ", "Integrity", "Error"}) {
    CHECK(count(dropbear.log(), complaint) == 0);
  }
  room.expect_down(dropbear, "ssh");
}

TEST_CASE("Redis: up, with TLS, with a login, and down") {
  Room room;
  test::Redis redis(room.host, kPort, Entry::free, room.certificates);
  CHECK(room.plain("redis") == "pass L7OK: +PONG");
  CHECK(room.over_tls("redis") == "pass L7OK: +PONG");
  room.expect_down(redis, "redis");

  test::Redis locked(room.host, kPort, Entry::login, room.certificates);
  CHECK_THAT(room.plain("redis"), StartsWith("fail L7STS: expected +PONG to PING, got \"-NOAUTH"));
  CHECK(room.plain("redis", "default\nsecret-word\n") == "pass L7OK: +PONG");
  CHECK(room.plain("redis", "probe\nsecret-word\n") == "pass L7OK: +PONG");
  CHECK(room.over_tls("redis", "probe\nsecret-word\n") == "pass L7OK: +PONG");
  const std::string refused = room.plain("redis", "probe\nother-word\n");
  CHECK_THAT(refused, StartsWith("fail L7STS: expected +OK to AUTH, got \"-WRONGPASS"));
  CHECK(count(refused, "other-word") == 0);
  room.expect_no_secret();
  INFO(locked.log());
  CHECK(count(locked.log(), "Protocol error") == 0);
  CHECK(count(locked.log(), "Error accepting a client connection") == 0);
}

TEST_CASE("a password that the server repeats shows neither escaped nor cut") {
  Room room;
  const test::Redis redis(room.host, kPort, Entry::echo, room.certificates);
  for (const std::string& password :
       {std::string("p\xc3\xa4ss-word"), std::string("back\\slash-word"),
        std::string("long-word-") + std::string(120, 'x')}) {
    const std::string refused = room.plain("redis", ("probe\n" + password + "\n").c_str());
    CHECK_THAT(refused, StartsWith("fail L7STS: expected +OK to AUTH, got \"-ERR unknown command"));
    CHECK_THAT(refused, ContainsSubstring("'probe' '***"));
    CHECK_THAT(refused, !ContainsSubstring("word") && !ContainsSubstring("ss-"));
  }
}

TEST_CASE("memcached: up, with TLS, and down") {
  Room room;
  test::Memcached memcached(room.host, kPort, room.certificates);
  CHECK_THAT(room.plain("memcached"), StartsWith("pass L7OK: VERSION 1."));
  CHECK_THAT(room.over_tls("memcached"), StartsWith("pass L7OK: VERSION 1."));
  CHECK(comes_to_say(room.prober, memcached, " quit\n", 2));
  INFO(memcached.log());
  CHECK(count(memcached.log(), "ERROR") == 0);
  room.expect_down(memcached, "memcached");
}

TEST_CASE("OpenLDAP: up, with TLS, with a login, and down") {
  Room room;
  const std::string good = std::string(test::slapd_login) + "\nsecret-word\n";
  const std::string bad = std::string(test::slapd_login) + "\nother-word\n";
  test::Slapd slapd(room.host, kPort, Entry::free, room.certificates);
  CHECK(room.plain("ldap") == "pass L7OK: bound anonymously");
  CHECK(room.over_tls("ldap") == "pass L7OK: bound anonymously");
  CHECK(room.plain("ldap", good.c_str()) == "pass L7OK: bound");
  CheckSpec upgraded = room.check("ldap", TlsMode::starttls, good.c_str());
  CHECK(room.ask(upgraded, kPort) == "pass L7OK: bound");
  CHECK(comes_to_say(room.prober, slapd, "TLS established", 2));
  upgraded.server_name = "else.example.test";
  CHECK_THAT(room.ask(upgraded, kPort), StartsWith("fail L6RSP: certificate is for another name"));
  CHECK(comes_to_say(room.prober, slapd, "UNBIND", 4));
  CHECK(room.plain("ldap", bad.c_str()) ==
        "fail L7STS: expected success in BindResponse, got result 49 (invalidCredentials)");
  CHECK(comes_to_say(room.prober, slapd, "err=49", 1));
  CHECK(comes_to_say(room.prober, slapd, "UNBIND", 5));
  INFO(slapd.log());
  CHECK(count(slapd.log(), "err=0") == 6);
  CHECK(count(slapd.log(), "error") == 0);
  CHECK(count(slapd.log(), "connection lost") == 0);
  room.expect_down(slapd, "ldap");

  test::Slapd locked(room.host, kPort, Entry::login, room.certificates);
  CHECK(room.plain("ldap") ==
        "fail L7STS: expected success in BindResponse, got result 48 (inappropriateAuthentication) "
        "\"anonymous bind disallowed\"");
  CHECK(room.over_tls("ldap", good.c_str()) == "pass L7OK: bound");
  room.expect_no_secret();
}

TEST_CASE("Mosquitto: up, with TLS, with a login, and down") {
  Room room;
  test::Mosquitto mosquitto(room.host, kPort, Entry::free, room.certificates);
  CHECK(room.plain("mqtt") == "pass L7OK: CONNACK: accepted");
  CHECK(room.over_tls("mqtt") == "pass L7OK: CONNACK: accepted");
  CHECK(comes_to_say(room.prober, mosquitto, "Received DISCONNECT from ronda", 2));
  room.expect_down(mosquitto, "mqtt");

  test::Mosquitto locked(room.host, kPort, Entry::login, room.certificates);
  CHECK(room.plain("mqtt") == "fail L7STS: expected an accepting CONNACK, got 5 (not authorized)");
  CHECK_THAT(room.plain("mqtt", "probe\nother-word\n"),
             StartsWith("fail L7STS: expected an accepting CONNACK, got "));
  CHECK(room.over_tls("mqtt", "probe\nsecret-word\n") == "pass L7OK: CONNACK: accepted");
  room.expect_no_secret();
  INFO(mosquitto.log() + locked.log());
  CHECK(count(mosquitto.log() + locked.log(), "rotocol error") == 0);
}

TEST_CASE("Kamailio: up, in maintenance, and down") {
  Room room;
  test::Kamailio kamailio(room.host, kPort, "200 Fine");
  CHECK(room.plain("sip") == "pass L7OK: SIP/2.0 200 Fine");
  INFO(kamailio.log());
  CHECK(count(kamailio.log(), "ERROR") == 0);
  kamailio.stop();
  CHECK_THAT(room.plain("sip"), StartsWith("fail L4CON: "));
  test::Kamailio maintained(room.host, kPort, "503 Later");
  CHECK(room.plain("sip") ==
        "fail L7STS: expected SIP/2.0 200 to 499 but not 408, got \"SIP/2.0 503 Later\"");
  maintained.stop();
}

TEST_CASE("Kamailio as a proxy is asked itself, not who is behind it") {
  Room room;
  const test::Kamailio maintained(room.host, kPort + 1, "503 Later");
  test::Kamailio proxy(room.host, kPort, "", kPort + 1);
  CHECK(room.plain("sip") == "pass L7OK: SIP/2.0 483 Too Many Hops");
  CHECK_THAT(room.ask(room.check("sip"), kPort + 1), StartsWith("fail L7STS: "));
}

TEST_CASE("tls: the certificate alone, on a real server") {
  Room room;
  const auto ends_soon = test::make_certificates(room.folder / "soon", "DNS:www.example.test", 2);
  const auto other = test::make_certificates(room.folder / "other", "DNS:else.example.test");
  struct Row {
    const test::Certificates& server;
    const char* outcome;
    const char* why;
  };
  for (const Row& row :
       {Row{room.certificates, "pass L6OK: ", "connected"}, Row{ends_soon, "warn ", "certificate"},
        Row{other, "fail L6RSP: ", "another name"}}) {
    CAPTURE(row.outcome);
    test::Nginx nginx(
        {.address = room.host, .port = kPort, .tls_port = kPort + 1, .certificates = row.server});
    CheckSpec check = room.check("tls", TlsMode::implicit);
    check.tls_settings.ca_file = row.server.ca.string();
    const std::string outcome = room.ask(check, kPort + 1);
    CHECK_THAT(outcome, StartsWith(row.outcome));
    CHECK_THAT(outcome, ContainsSubstring(row.why));
    CHECK_THAT(room.ask(check, kPort), StartsWith("fail L6RSP: "));  // no TLS there
    nginx.stop();
    CHECK_THAT(room.ask(check, kPort + 1), StartsWith("fail L4CON: "));
  }
}

TEST_CASE("presets: at the door of another protocol each fails") {
  Room room;
  const auto knock_at = [&](const char* open, test::Server& server) {
    for (const char* kind : {"ssh", "redis", "memcached", "ldap", "mqtt", "sip"}) {
      CAPTURE(open, kind);
      const bool own = std::string_view(kind) == open;
      CheckSpec check = room.check(kind);
      check.timeout = std::chrono::milliseconds(own ? 3000 : 300);
      CHECK_THAT(room.ask(check, kPort), StartsWith(own ? "pass L7OK: " : "fail L7"));
    }
    server.stop();
  };
  test::Dropbear dropbear(room.host, kPort);
  knock_at("ssh", dropbear);
  test::Redis redis(room.host, kPort, Entry::free, room.certificates);
  knock_at("redis", redis);
  test::Memcached memcached(room.host, kPort, room.certificates);
  knock_at("memcached", memcached);
  test::Slapd slapd(room.host, kPort, Entry::free, room.certificates);
  knock_at("ldap", slapd);
  test::Mosquitto mosquitto(room.host, kPort, Entry::free, room.certificates);
  knock_at("mqtt", mosquitto);
  test::Kamailio kamailio(room.host, kPort, "200 OK");
  knock_at("sip", kamailio);
}

}  // namespace ronda::probes
