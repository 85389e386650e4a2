#include "probes/certificate.hpp"

#include <cerrno>

#include "probes/curl_failure.hpp"
#include "probes/dialogue.hpp"
#include "probes/lag.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {

using namespace std::chrono_literals;

TEST_CASE("a certificate that ends soon warns, never fails") {
  const net::WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  CheckSpec check{.kind = "https", .protocol = HttpCheck{}};
  const auto judged = [&](ProbeResult result, net::Duration left) {
    judge_certificate(result, check, {.presented = now + left}, now);
    CHECK(result.cert_not_after == now + left);
    return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
           result.detail;
  };
  const auto pass = make_pass(Code::L7OK, "status 200");
  CHECK(judged(pass, 15 * 24h) == "pass L7OK: status 200");
  CHECK(judged(pass, 14 * 24h) == "pass L7OK: status 200");
  CHECK(judged(pass, 14 * 24h - 1s).starts_with("warn L7OKC: "));
  CHECK(judged(pass, 24h) ==
        "warn L7OKC: certificate ends 2026-03-02T00:00:00Z, sooner than 14d; status 200");
  CHECK(judged(make_pass(Code::L6OK, ""), 24h) ==
        "warn L6OK: certificate ends 2026-03-02T00:00:00Z, sooner than 14d");
  CHECK(judged(make_fail(Code::L7STS, "status 500"), 24h) == "fail L7STS: status 500");
  check.tls_settings.verify = false;
  CHECK(judged(pass, -24h) ==
        "warn L7OKC: certificate ended 2026-02-28T00:00:00Z, certificate not verified; status 200");
  CHECK(judged(pass, 24h * 100) == "pass L7OK: certificate not verified; status 200");
}

TEST_CASE("the verified chain decides, whatever else is presented") {
  const net::WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  const CheckSpec check{.kind = "https", .protocol = HttpCheck{}};
  const auto judged = [&](net::Duration presented, net::Duration verified) {
    ProbeResult result = make_pass(Code::L7OK, "status 200");
    judge_certificate(result, check, {now + presented, now + verified}, now);
    CHECK(result.cert_not_after == now + presented);
    CHECK(result.cert_chain_not_after == now + verified);
    return std::string(to_string(result.verdict)) + ": " + result.detail;
  };
  // A stale intermediate that nobody needs.
  CHECK(judged(-24h, 24h * 90) == "pass: status 200");
  // A root that ends sooner than all that is presented.
  CHECK(judged(24h * 90, 24h) ==
        "warn: certificate ends 2026-03-02T00:00:00Z, sooner than 14d; status 200");
}

TEST_CASE("a timeout is excused when our own loop was late") {
  CHECK_FALSE(excuse_timeout(250ms, 500ms));
  CHECK(excuse_timeout(251ms, 500ms));
  CHECK_FALSE(excuse_timeout(750ms, 3s));
  CHECK(excuse_timeout(751ms, 3s)->verdict == Verdict::unknown);
}

TEST_CASE("whatever came while our own loop was late is unknown, as is what it was before") {
  const auto judged = [](ProbeResult result, net::Duration lag) {
    excuse_lateness(result, lag, 2s);
    return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
           result.detail;
  };
  const std::string late = "unknown SOCKERR: not judged, for our own loop was late by 1.5s";
  CHECK(judged(make_fail(Code::L7STS, "421 idle"), 500ms) == "fail L7STS: 421 idle");
  CHECK(judged(make_fail(Code::L7STS, "421 idle"), 1500ms) == late);
  CHECK(judged(make_pass(Code::L7OK, "250"), 1500ms) == late);
  CHECK(judged(make_unknown("no memory"), 1500ms) == "unknown SOCKERR: no memory");
}

TEST_CASE("what libcurl could not do, by layer and by whose fault it is") {
  struct Row {
    CurlFailure failure;
    const char* outcome;
  };
  const Row rows[] = {
      {{.result = 7, .open_error = EMFILE}, "unknown SOCKERR"},
      {{.result = 7, .os_error = ECONNREFUSED}, "fail L4CON: connection refused"},
      {{.result = 7, .os_error = ENETUNREACH}, "unknown SOCKERR: no route to that network from"},
      {{.result = 7, .os_error = ENETUNREACH, .knows_way = true},
       "fail L4CON: the network refuses: no route to that network"},
      {{.result = 7, .os_error = EACCES}, "unknown SOCKERR: not permitted here"},
      {{.result = 7, .os_error = EACCES, .knows_way = true}, "fail L4CON: the network refuses: "},
      {{.result = 7, .os_error = EADDRNOTAVAIL}, "unknown SOCKERR: local address not available"},
      {{.result = 7, .os_error = EPERM}, "unknown SOCKERR: not permitted here"},
      {{.result = 7, .os_error = EHOSTUNREACH}, "unknown SOCKERR: no route to that host from here"},
      {{.result = 7, .os_error = EHOSTUNREACH, .knows_way = true}, "fail L4CON: no route to host"},
      {{.result = 7, .os_error = ETIMEDOUT}, "fail L4TOUT"},
      {{.result = 28, .open_error = ENFILE}, "unknown SOCKERR"},
      {{.result = 28, .timeout = "3s"}, "fail L4TOUT: no connection within 3s"},
      {{.result = 28, .connected = true, .timeout = "3s"}, "fail L6TOUT: TLS handshake"},
      {{.result = 28, .connected = true, .secured = true, .timeout = "3s"}, "fail L7TOUT"},
      {{.result = 60, .verify_result = 10}, "fail L6RSP: certificate has expired"},
      {{.result = 60, .verify_result = 20}, "fail L6RSP: certificate is signed by an unknown CA"},
      {{.result = 60, .message = "no alternative certificate subject name", .server_name = "a.b"},
       "fail L6RSP: certificate is for another name: wanted a.b"},
      {{.result = 60, .message = "no certificate"}, "fail L6RSP: no certificate"},
      {{.result = 35, .message = "handshake"}, "fail L6RSP: handshake"},
      {{.result = 52}, "fail L7RSP: connection closed without an answer"},
      {{.result = 56, .os_error = ECONNRESET}, "fail L7RSP: connection reset"},
      {{.result = 56, .os_error = ENOBUFS}, "unknown SOCKERR: no buffer space"},
      {{.result = 55, .os_error = ENETDOWN}, "unknown SOCKERR"},
      {{.result = 56, .message = "alert"}, "fail L7RSP: alert"},
      {{.result = 60, .verify_result = 17}, "unknown SOCKERR: no memory to verify"},
      {{.result = 16, .message = "bad frame"}, "fail L7RSP: bad frame"},
      {{.result = 47}, "fail L7RSP: more than 5 redirects"},
      {{.result = 1, .message = "Unsupported URL scheme", .location = "javascript:x"},
       "fail L7RSP: neither http nor https"},
      {{.result = 1, .message = "Unsupported HTTP version"},
       "fail L7RSP: the answer is no sound HTTP: Unsupported HTTP version"},
      {{.result = 3}, "unknown SOCKERR"},
      {{.result = 3, .location = "http://"}, "fail L7RSP: no usable URL"},
      {{.result = 27}, "unknown SOCKERR"},
      {{.result = 27, .in_head = true}, "fail L7RSP: the answer's headers go on past 64 KiB"},
      {{.result = 56, .message = "Out of memory in chunked-encoding"},
       "fail L7RSP: a line behind the chunked body goes on without an end"},
      {{.result = 56, .os_error = EPIPE}, "fail L7RSP: connection reset by peer"},
      {{.result = 56,
        .message = "OpenSSL SSL_read: OpenSSL/3.0.19: error:0A00045C:SSL routines::tlsv13 alert "
                   "certificate required, errno 0"},
       "fail L6RSP: tlsv13 alert certificate required"},
      {{.result = 35, .message = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a:1 "},
       "fail L6RSP: connection closed during the TLS handshake"},
      {{.result = 35, .message = "Recv failure: Connection reset by peer"},
       "fail L6RSP: connection reset by peer"},
      {{.result = 60, .verify_result = 62, .server_name = "a.b"},
       "fail L6RSP: certificate is for another name: wanted a.b"},
      {{.result = 77, .message = "bad CA file"}, "unknown SOCKERR: bad CA file"},
      {{.result = 45, .message = "bind failed"},
       "unknown SOCKERR: cannot use \"source\", is it an address of this machine? bind failed"},
      {{.result = 35,
        .message = "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number"},
       "fail L6RSP: what came is not TLS (wrong version number)"},
      {{.result = 35,
        .message = "OpenSSL/3.0.19: error:0A000410:SSL routines::sslv3 alert handshake failure"},
       "fail L6RSP: sslv3 alert handshake failure"},
  };
  for (const Row& row : rows) {
    const auto result = explain(row.failure);
    const std::string outcome = std::string(to_string(result.verdict)) + " " +
                                to_string(result.code) + ": " + result.detail;
    CHECK_THAT(outcome, ContainsSubstring(row.outcome));
  }
}

}  // namespace ronda::probes
