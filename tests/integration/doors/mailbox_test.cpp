#include <string>

#include <unistd.h>

#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/dovecot.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::brief;
using test::endpoint;
using test::make_check;
using test::own_address;
using test::Prober;

constexpr std::uint16_t kPort = 28'440;

struct Door {
  const char* kind;
  std::uint16_t port;
  Protocol protocol;
  TlsMode tls;
  const char* greeting;
};

std::vector<Door> doors() {
  return {
      {"imap", kPort, ImapCheck{}, TlsMode::off, "* OK"},
      {"imap", kPort, ImapCheck{}, TlsMode::starttls, "* OK"},
      {"imaps", kPort + 1, ImapCheck{}, TlsMode::implicit, "* OK"},
      {"pop3", kPort + 2, Pop3Check{}, TlsMode::off, "+OK"},
      {"pop3", kPort + 2, Pop3Check{}, TlsMode::starttls, "+OK"},
      {"pop3s", kPort + 3, Pop3Check{}, TlsMode::implicit, "+OK"},
      {"lmtp", kPort + 4, SmtpCheck{.helo = "probe.example.test", .lmtp = true}, TlsMode::off,
       "220 "},
      {"lmtp", kPort + 4, SmtpCheck{.helo = "probe.example.test", .lmtp = true}, TlsMode::starttls,
       "220 "},
  };
}

void set_login(Protocol& protocol, const Login& login) {
  if (auto* imap = std::get_if<ImapCheck>(&protocol)) {
    imap->login = login;
  } else if (auto* pop3 = std::get_if<Pop3Check>(&protocol)) {
    pop3->login = login;
  }
}

bool may_run() {
  if (::geteuid() != 0) {
    WARN("Dovecot needs root: run this test as root to see it");
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Dovecot: every door, up, with TLS, with a login, and down") {
  if (!may_run()) {
    return;
  }
  const test::TempFolder folder;
  const auto certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  const std::string host = own_address();
  test::Dovecot dovecot(host, kPort, certificates);
  Prober prober;
  const Login good = *Login::parse("probe\nsecret-word\n", "good");
  const Login bad = *Login::parse("probe\nother-word\n", "bad");
  std::size_t asked = 0;
  for (const Door& door : doors()) {
    CAPTURE(door.kind, static_cast<int>(door.tls));
    auto check = make_check(door.kind, door.protocol, door.tls);
    check.tls_settings.ca_file = certificates.ca.string();
    const auto place = endpoint(host, door.port);
    const auto result = prober.probe(check, place);
    ++asked;
    CHECK_THAT(brief(result), StartsWith("pass L7OK: " + std::string(door.greeting)));
    CHECK(result.phases.tls.has_value() == (door.tls != TlsMode::off));
    if (std::string_view(door.kind) == "lmtp") {
      continue;
    }
    asked += 2;
    set_login(check.protocol, good);
    CHECK(brief(prober.probe(check, place)) == brief(result));
    set_login(check.protocol, bad);
    std::string dialogue;
    prober.engines.on_trace = [&](const TraceLine& line) { dialogue += line.text + "\n"; };
    const std::string refused = brief(prober.probe(check, place));
    CHECK_THAT(refused, StartsWith("fail L7STS: "));
    CHECK_THAT(refused, ContainsSubstring("AUTH"));
    CHECK_THAT(refused, !ContainsSubstring("other-word"));
    prober.engines.on_trace = nullptr;
    CHECK_THAT(dialogue, ContainsSubstring("***"));
    CHECK_THAT(dialogue, !ContainsSubstring("other-word"));
  }
  // Every visit ended as it should.
  CHECK(prober.wait_for([&] {
    const std::string log = dovecot.log();
    return test::count(log, "by logging out") + test::count(log, ": Logged out") == asked;
  }));
  const std::string log = dovecot.log();
  INFO(log);
  for (const char* complaint : {"Error", "error:", "unknown command", "protocol"}) {
    CHECK(log.find(complaint) == std::string::npos);
  }

  dovecot.stop();
  for (const Door& door : doors()) {
    const auto check = make_check(door.kind, door.protocol, door.tls);
    CHECK_THAT(brief(prober.probe(check, endpoint(host, door.port))), StartsWith("fail L4CON: "));
  }
}

TEST_CASE("Dovecot: a certificate that has ended, of another name, of an unknown authority") {
  if (!may_run()) {
    return;
  }
  const test::TempFolder folder;
  const auto known = test::make_certificates(folder / "known", "DNS:www.example.test");
  const auto ended = test::make_certificates(folder / "ended", "DNS:www.example.test", -1);
  const auto other = test::make_certificates(folder / "other", "DNS:else.example.test");
  struct Row {
    const test::Certificates& server;
    const test::Certificates& trusted;
    const char* why;
  };
  const Row rows[] = {
      {ended, ended, "expired"}, {other, other, "another name"}, {known, other, "local issuer"}};
  const std::string host = own_address();
  for (const Row& row : rows) {
    test::Dovecot dovecot(host, kPort, row.server);
    Prober prober;
    for (const Door& door : doors()) {
      if (door.tls == TlsMode::off) {
        continue;
      }
      CAPTURE(door.kind, static_cast<int>(door.tls), row.why);
      auto check = make_check(door.kind, door.protocol, door.tls);
      check.tls_settings.ca_file = row.trusted.ca.string();
      const auto result = prober.probe(check, endpoint(host, door.port));
      CHECK_THAT(brief(result), StartsWith("fail L6RSP: "));
      CHECK_THAT(result.detail, ContainsSubstring(row.why));
      // Whoever does not want to know, is not told.
      check.tls_settings.verify = false;
      CHECK(prober.probe(check, endpoint(host, door.port)).verdict != Verdict::fail);
    }
    dovecot.stop();
  }
}

}  // namespace ronda::probes
