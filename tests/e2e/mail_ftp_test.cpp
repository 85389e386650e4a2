#include <string>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

constexpr std::uint16_t kSmtpPort = 28025;
constexpr std::uint16_t kFtpPort = 28021;
constexpr std::uint16_t kPassivePort = 28200;

std::string address_list() {
  return "[\"" + loopback(21) + "\", \"" + loopback(22) + "\"]";
}

// A named whose `owner` has both replicas and a record made by hand, and a service that checks
// them.
struct Pair {
  Pair(const std::string& owner, const std::string& check)
      : name(owner + ".example.com"), site(0, options(owner)) {
    site.folder().write(
        "ronda.json",
        R"({ "zones": [{ "zone": "example.com", "primary": ")" + site.named().server() +
            R"(", "key_file": )" + json_text(site.named().key_path()) +
            R"( }], "defaults": { "interval": "2s", "fast_interval": "100ms", "timeout": "2s",)" +
            R"( "fall": 2, "rise": 2 }, "checks": { "it": { )" + check +
            R"( } }, "services": [{ "name": ")" + name + R"(", "checks": ["it"], "replicas": )" +
            address_list() + " }] }");
  }
  static NamedOptions options(const std::string& owner) {
    NamedOptions named;
    named.zone_text = zone_text(owner + " A " + loopback(21) + "\n" + owner + " A " + loopback(22) +
                                "\n" + owner + " A " + kForeign + "\n");
    return named;
  }
  Finished check() const { return run_ronda({"check", "-c", site.config().string(), "--json"}); }
  Addresses answer() { return site.named().lookup(name); }

  std::string name;
  Site site;
};

template <typename Server>
void falls_and_returns(Pair& pair, Server& second) {
  const Addresses both = sorted({loopback(21), loopback(22), kForeign});
  const Finished healthy = pair.check();
  INFO(healthy.output << healthy.errors);
  CHECK(healthy.code == 0);
  CHECK(pair.site.named().update_count() == 0);

  second.stop();
  const Finished failed = pair.check();
  INFO(failed.output << failed.errors);
  CHECK(failed.code == 1);
  CHECK(pair.answer() == sorted({loopback(21), kForeign}));
  CHECK(pair.site.named().serial() == 2);

  second.start();
  const Finished returned = pair.check();
  INFO(returned.output << returned.errors);
  CHECK(returned.code == 0);
  CHECK(pair.answer() == both);
  CHECK(pair.site.named().update_count() == 2);
}

}  // namespace

TEST_CASE("FTP replicas: greeting and TLS") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:files.example.com");
  Vsftpd first(loopback(21), kFtpPort, kPassivePort, certificates);
  Vsftpd second(loopback(22), kFtpPort, kPassivePort, certificates);
  const std::string port = R"("type": "ftp", "port": )" + std::to_string(kFtpPort);
  const std::string more = GENERATE("", R"(, "tls": "starttls", "ca_file": CA)");
  std::string check = port + more;
  if (const std::size_t place = check.find("CA"); place != std::string::npos) {
    check.replace(place, 2, json_text(certificates.ca));
  }
  INFO(check);
  Pair pair("files", check);
  falls_and_returns(pair, second);
}

TEST_CASE("mail replicas: greeting, EHLO and STARTTLS") {
  if (::geteuid() != 0) {
    WARN("Postfix needs root: run this test as root to see it");
    return;
  }
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:mail.example.com");
  Postfix first(loopback(21), kSmtpPort, certificates);
  Postfix second(loopback(22), kSmtpPort, certificates);
  Pair pair("mail", R"("type": "smtp", "helo": "ronda.example.com", "tls": "starttls", "port": )" +
                        std::to_string(kSmtpPort) + R"(, "ca_file": )" +
                        json_text(certificates.ca));
  falls_and_returns(pair, second);
}
