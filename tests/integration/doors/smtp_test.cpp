#include <string>

#include <unistd.h>

#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/unpacked.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::brief;
using test::count;
using test::endpoint;
using test::make_check;
using test::Prober;

constexpr std::uint16_t kPort = 28'470;

}  // namespace

TEST_CASE("Postfix: a mailbox it takes mail for, one it does not, and AUTH that is not there") {
  if (::geteuid() != 0) {
    WARN("Postfix needs root: run this test as root to see it");
    return;
  }
  const test::TempFolder folder;
  const auto certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  const std::string host = test::own_address();
  test::Postfix postfix(host, kPort, certificates);
  Prober prober;
  std::size_t asked = 0;
  const auto judge = [&](const SmtpCheck& smtp, TlsMode tls) {
    ++asked;
    auto check = make_check("smtp", smtp, tls);
    check.tls_settings.ca_file = certificates.ca.string();
    return brief(prober.probe(check, endpoint(host, kPort)));
  };
  for (const TlsMode tls : {TlsMode::off, TlsMode::starttls}) {
    SmtpCheck smtp{.helo = "probe.example.test"};
    CHECK_THAT(judge(smtp, tls), StartsWith("pass L7OK: 220 "));
    smtp.rcpt = "somebody@example.test";
    CHECK_THAT(judge(smtp, tls), StartsWith("pass L7OK: 220 "));
    smtp.rcpt = "somebody@elsewhere.test";
    CHECK_THAT(judge(smtp, tls),
               ContainsSubstring("fail L7STS: RCPT: expected 250 or 251, got \"454 4.7.1"));
    smtp.rcpt.clear();
    smtp.login = *Login::parse("u\nsecret-word\n", "f");
    CHECK(judge(smtp, tls) == "fail L7RSP: AUTH PLAIN is not offered in the reply to EHLO");
  }
  CHECK(prober.wait_for([&] { return count(postfix.log(), " disconnect from ") == asked; }));
  const std::string log = postfix.log();
  INFO(log);
  CHECK(count(log, " quit=1 ") == asked);
  CHECK(count(log, "improper command") == 0);
  CHECK(count(log, "non-SMTP") == 0);
  CHECK(count(log, "lost connection") == 0);
}

TEST_CASE("Exim: over every way, and its log finds nothing wrong with us") {
  if (::geteuid() != 0) {
    WARN("Exim needs root: run this test as root to see it");
    return;
  }
  const test::TempFolder folder;
  const auto certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  const std::string host = test::own_address();
  test::Exim exim(host, kPort + 2, certificates);
  Prober prober;
  std::size_t asked = 0;
  const auto judge = [&](const char* kind, const SmtpCheck& smtp, TlsMode tls, std::uint16_t port) {
    ++asked;
    auto check = make_check(kind, smtp, tls);
    check.tls_settings.ca_file = certificates.ca.string();
    return brief(prober.probe(check, endpoint(host, port)));
  };
  for (const char* mailbox : {"", "somebody@example.test"}) {
    const SmtpCheck smtp{.helo = "probe.example.test", .rcpt = mailbox};
    for (const TlsMode tls : {TlsMode::off, TlsMode::starttls}) {
      CHECK_THAT(judge("smtp", smtp, tls, kPort + 2), StartsWith("pass L7OK: 220 "));
    }
    CHECK_THAT(judge("smtps", smtp, TlsMode::implicit, kPort + 3), StartsWith("pass L7OK: 220 "));
  }
  REQUIRE(prober.wait_for([&] { return count(exim.main_log(), "closed by QUIT") == asked; }));
  const std::string log = exim.main_log();
  INFO(log);
  for (const char* fault : {"error", "unexpected", "rejected", "dropped", "synchronization"}) {
    CHECK_THAT(log, !ContainsSubstring(fault));
  }
}

}  // namespace ronda::probes
