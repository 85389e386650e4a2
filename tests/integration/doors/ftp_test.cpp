#include <string>

#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/unpacked.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::brief;
using test::count;
using test::endpoint;
using test::make_check;
using test::Prober;

constexpr std::uint16_t kPort = 28'450;
constexpr std::uint16_t kPassivePort = 28'460;

}  // namespace

TEST_CASE("vsftpd: greeting, login and the passive port, with and without TLS") {
  const test::TempFolder folder;
  const auto certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  const std::string host = test::own_address();
  test::Vsftpd vsftpd(host, kPort, kPassivePort, certificates);
  Prober prober;
  std::size_t asked = 0;
  for (const TlsMode tls : {TlsMode::off, TlsMode::starttls}) {
    CAPTURE(static_cast<int>(tls));
    for (const FtpCheck& ftp :
         {FtpCheck{}, FtpCheck{.anonymous = true}, FtpCheck{.anonymous = true, .passive = true}}) {
      CAPTURE(ftp.anonymous, ftp.passive);
      auto check = make_check("ftp", ftp, tls);
      check.tls_settings.ca_file = certificates.ca.string();
      CHECK_THAT(brief(prober.probe(check, endpoint(host, kPort))), StartsWith("pass L7OK: 220 "));
      ++asked;
    }
    FtpCheck stranger;
    stranger.login = *Login::parse("nobody-here\nsecret-word\n", "f");
    auto check = make_check("ftp", stranger, tls);
    check.tls_settings.ca_file = certificates.ca.string();
    const auto refused = prober.probe(check, endpoint(host, kPort));
    ++asked;
    CHECK_THAT(brief(refused), StartsWith("fail L7STS: "));
    CHECK_THAT(refused.detail, ContainsSubstring("530"));
    CHECK_THAT(refused.detail, !ContainsSubstring("secret-word"));
  }
  // Its log shows every command: none that it did not know, and a QUIT for every session.
  CHECK(prober.wait_for([&] { return count(vsftpd.protocol_log(), "\"221 ") == asked; }));
  const std::string log = vsftpd.protocol_log();
  INFO(log);
  CHECK(count(log, "\"QUIT\"") == asked);
  CHECK(count(log, "\"500 ") == 0);
  CHECK(count(log, "\"503 ") == 0);
  vsftpd.stop();
  CHECK_THAT(brief(prober.probe(make_check("ftp", FtpCheck{}), endpoint(host, kPort))),
             StartsWith("fail L4CON: "));
}

TEST_CASE(
    "ProFTPD: greeting, login and the passive port, and its log finds nothing wrong with us") {
  const test::TempFolder folder;
  const auto certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  const std::string host = test::own_address();
  test::Proftpd proftpd(host, kPort + 2, kPassivePort + 20, certificates);
  Prober prober;
  std::size_t asked = 0;
  for (const TlsMode tls : {TlsMode::off, TlsMode::starttls}) {
    for (const FtpCheck& ftp :
         {FtpCheck{}, FtpCheck{.anonymous = true}, FtpCheck{.anonymous = true, .passive = true}}) {
      CAPTURE(static_cast<int>(tls), ftp.anonymous, ftp.passive);
      auto check = make_check("ftp", ftp, tls);
      check.tls_settings.ca_file = certificates.ca.string();
      CHECK_THAT(brief(prober.probe(check, endpoint(host, kPort + 2))),
                 StartsWith("pass L7OK: 220 "));
      ++asked;
    }
  }
  CHECK(prober.wait_for([&] { return count(proftpd.command_log(), "QUIT 221") == asked; }));
  const std::string log = proftpd.command_log();
  INFO(log);
  CHECK(count(log, " 50") == 0);  // unknown, bad syntax, out of order
  CHECK(count(log, " 53") == 0);
}

}  // namespace ronda::probes
