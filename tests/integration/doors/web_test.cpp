#include <functional>
#include <memory>
#include <string>

#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/bed/apache.hpp"
#include "tests/support/bed/nginx.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::brief;
using test::endpoint;
using test::own_address;
using test::Prober;

constexpr std::uint16_t kPort = 28'540;  // plain; TLS, and TLS for known clients behind it

// nginx and Apache look alike from here.
struct Web {
  std::unique_ptr<test::Nginx> nginx{};
  std::unique_ptr<test::Apache> apache{};

  Web(bool is_apache, const test::Certificates& certificates, bool http2 = false) {
    if (is_apache) {
      apache = std::make_unique<test::Apache>(own_address(), kPort, certificates, http2);
    } else {
      nginx = std::make_unique<test::Nginx>(test::Nginx::Options{.address = own_address(),
                                                                 .port = kPort,
                                                                 .tls_port = kPort + 1,
                                                                 .certificates = certificates,
                                                                 .client_port = kPort + 2,
                                                                 .http2 = http2});
    }
  }
  test::Server& server() { return apache ? static_cast<test::Server&>(*apache) : *nginx; }
  std::string access_log() const { return apache ? apache->access_log() : nginx->access_log(); }
  void set_healthy(bool healthy) {
    apache ? apache->set_healthy(healthy) : nginx->set_healthy(healthy);
  }
};

struct Room {
  test::TempFolder folder{};
  test::Certificates certificates = test::make_certificates(folder / "tls", "DNS:www.example.test");
  Prober prober{};

  CheckSpec check(HttpCheck http, bool tls = false) const {
    http.path = http.path == "/" ? "/health" : http.path;
    CheckSpec made = test::make_check(tls ? "https" : "http", std::move(http),
                                      tls ? TlsMode::implicit : TlsMode::off);
    made.tls_settings.ca_file = certificates.ca.string();
    return made;
  }
  std::string ask(const CheckSpec& check, int port_offset = 0) {
    const auto port = static_cast<std::uint16_t>(kPort + port_offset);
    return brief(prober.verdict_of(check, endpoint(own_address(), port)));
  }
  std::string plain(HttpCheck http) { return ask(check(std::move(http))); }
  std::string secured(HttpCheck http) { return ask(check(std::move(http), true), 1); }
};

}  // namespace

TEST_CASE("nginx and Apache: status, body and headers, up, wrong and down") {
  Room room;
  for (const bool is_apache : {false, true}) {
    CAPTURE(is_apache);
    Web web(is_apache, room.certificates);
    for (const bool tls : {false, true}) {
      CAPTURE(tls);
      const auto outcome = [&](HttpCheck http) {
        return tls ? room.secured(std::move(http)) : room.plain(std::move(http));
      };
      CHECK(outcome({}) == "pass L7OK: status 200");
      CHECK(outcome({.method = "HEAD"}) == "pass L7OK: status 200");
      CHECK(outcome({.path = "/none"}) == "fail L7STS: expected status 200-299, got 404");
      CHECK(outcome({.path = "/none", .status = {{404, 404}}}) == "pass L7OK: status 404");
      CHECK(outcome({.body = "^OK", .header = {{"x-role", "^main$"}}}) == "pass L7OK: status 200");
      CHECK_THAT(outcome({.body = "sick"}), StartsWith("fail L7RSP: expected body to match"));
      CHECK_THAT(outcome({.body_not = "OK"}), StartsWith("fail L7RSP: expected body not to match"));
      CHECK(outcome({.body_not = "sick", .header_not = {{"X-Role", "backup"}}}) ==
            "pass L7OK: status 200");
      CHECK_THAT(outcome({.header = {{"X-Role", "backup"}}}), StartsWith("fail L7RSP: "));
      CHECK_THAT(outcome({.header_not = {{"X-Role", "main"}}}), StartsWith("fail L7RSP: "));
    }
    web.set_healthy(false);
    CHECK(room.plain({}) == "fail L7STS: expected status 200-299, got 404");
    web.server().pause();
    CheckSpec impatient = room.check({});
    impatient.timeout = std::chrono::milliseconds(300);
    CHECK(room.ask(impatient) == "fail L7TOUT: no whole answer within 300ms");
    web.server().stop();
    CHECK(room.plain({}) == "fail L4CON: connection refused");
    CHECK(room.secured({}) == "fail L4CON: connection refused");
  }
}

TEST_CASE("nginx and Apache: certificates good, ending, ended, of another name, of an unknown CA") {
  Room room;
  const auto made = [&](const char* folder, const char* names, int days) {
    return test::make_certificates(room.folder / folder, names, days);
  };
  struct Row {
    test::Certificates server;
    bool known;
    const char* outcome;
  };
  const Row rows[] = {
      {made("soon", "DNS:www.example.test", 2), true, "warn L7OKC: certificate ends "},
      {made("ended", "DNS:www.example.test", -1), true, "fail L6RSP: certificate has expired"},
      {made("other", "DNS:else.example.test", 30), true,
       "fail L6RSP: certificate is for another name: wanted www.example.test"},
      {made("unknown", "DNS:www.example.test", 30), false,
       "fail L6RSP: certificate is signed by an unknown CA"},
  };
  for (const bool is_apache : {false, true}) {
    for (const Row& row : rows) {
      CAPTURE(is_apache, row.outcome);
      const Web web(is_apache, row.server);
      CheckSpec check = room.check({}, true);
      check.tls_settings.ca_file = (row.known ? row.server : room.certificates).ca.string();
      CHECK_THAT(room.ask(check, 1), StartsWith(row.outcome));
    }
  }
}

TEST_CASE("nginx and Apache: a client certificate where one is required") {
  Room room;
  const auto client = test::make_client_certificate(room.certificates);
  const auto strange = test::make_certificates(room.folder / "strange", "DNS:x.test");
  const auto stranger = test::make_client_certificate(strange);
  for (const bool is_apache : {false, true}) {
    CAPTURE(is_apache);
    const Web web(is_apache, room.certificates);
    CheckSpec check = room.check({}, true);
    CHECK_THAT(room.ask(check, 2), StartsWith("fail "));
    check.tls_settings.cert_file = stranger.certificate.string();
    check.tls_settings.key_file = stranger.key.string();
    CHECK_THAT(room.ask(check, 2), StartsWith("fail "));
    check.tls_settings.cert_file = client.certificate.string();
    check.tls_settings.key_file = client.key.string();
    CHECK(room.ask(check, 2) == "pass L7OK: status 200");
  }
}

TEST_CASE("nginx and Apache: HTTP/2 over TLS and in clear, spoken and not") {
  Room room;
  const HttpCheck two{.body = "^OK", .header = {{"x-role", "main"}}, .version = HttpVersion::two};
  for (const bool is_apache : {false, true}) {
    CAPTURE(is_apache);
    {
      Web web(is_apache, room.certificates, true);
      CHECK(room.plain(two) == "pass L7OK: status 200");
      CHECK(room.secured(two) == "pass L7OK: status 200");
      for (const char* method : {"HEAD", "POST", "OPTIONS"}) {
        CAPTURE(method);
        HttpCheck other{.method = method, .status = {{200, 405}}, .version = HttpVersion::two};
        CHECK_THAT(room.secured(other), StartsWith("pass L7OK: status "));
      }
      HttpCheck missing = two;
      missing.path = "/none";
      CHECK(room.secured(missing) == "fail L7STS: expected status 200-299, got 404");
      CHECK(room.secured({}) == "pass L7OK: status 200");  // 1.1, the same server
      web.server().stop();
      const std::string log = web.access_log();
      INFO(log);
      CHECK_THAT(log, ContainsSubstring("GET /health HTTP/2.0"));
      CHECK_THAT(log, ContainsSubstring("GET /health HTTP/1.1"));
      CHECK_THAT(log, !ContainsSubstring(" 400"));
    }
    const Web old(is_apache, room.certificates, false);
    CHECK(room.secured(two) == "fail L7RSP: expected HTTP/2, got HTTP/1.1");
    CHECK_THAT(room.plain(two), StartsWith("fail L7RSP: expected HTTP/2"));
  }
}

TEST_CASE("nginx and Apache: redirects to another path and to TLS") {
  Room room;
  for (const bool is_apache : {false, true}) {
    CAPTURE(is_apache);
    const Web web(is_apache, room.certificates);
    const std::string port = std::to_string(kPort);
    CHECK_THAT(room.plain({.path = "/old"}), ContainsSubstring("expected status 200-299, got 30"));
    CHECK(room.plain({.path = "/old", .body = "^OK", .follow_redirects = true}) ==
          "pass L7OK: redirected to http://www.example.test:" + port + "/health: status 200");
    CheckSpec check = room.check({.path = "/secure", .body = "^OK", .follow_redirects = true});
    const std::string secured =
        "redirected to https://www.example.test:" + std::to_string(kPort + 1) + "/health: ";
    CHECK(room.ask(check) == "pass L7OK: " + secured + "status 200");
    check.server_name = "else.example.test";
    CHECK_THAT(room.ask(check), StartsWith("pass L7OK: redirected to https://www.example.test"));
    check.tls_settings.ca_file =
        test::make_certificates(room.folder / (is_apache ? "a" : "n"), "DNS:x").ca.string();
    CHECK(room.ask(check) == "fail L6RSP: " + secured + "certificate is signed by an unknown CA");
  }
}

}  // namespace ronda::probes
