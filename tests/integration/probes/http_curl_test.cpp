#include "probes/http_curl.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/integration/probes/test_ca.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using test::brief;
using test::make_check;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

std::string answer(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status +
         "\r\nX-Role: main\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

ScriptedServer::Script answering(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    peer.until_blank_line();
    peer.write(bytes);
  };
}

}  // namespace

TEST_CASE("http: the request is what the check says, the answer is judged") {
  std::string request;
  ScriptedServer server([&](Peer& peer) {
    request = peer.until_blank_line();
    peer.write(answer("all well"));
  });
  Prober prober;
  const auto check = make_check("http", HttpCheck{.path = "/a/../health?x=y",
                                                  .headers = {{"X-Token", "t"}},
                                                  .body = "well",
                                                  .header = {{"x-role", "^main$"}}});
  const auto result = prober.probe(check, server.endpoint());
  CHECK(brief(result) == "pass L7OK: status 200");
  CHECK(result.phases.connect);
  CHECK(result.phases.first_byte);
  CHECK_FALSE(result.phases.tls);
  CHECK(request ==
        "GET /a/../health?x=y HTTP/1.1\nHost: www.example.test\nAccept: */*\nConnection: close\n"
        "User-Agent: ronda/" RONDA_VERSION "\nX-Token: t\n");

  // A pooled handle keeps nothing of the check before.
  const auto plain = make_check("http", HttpCheck{.method = "HEAD"});
  CHECK(brief(prober.probe(plain, server.endpoint())) == "pass L7OK: status 200");
  CHECK(request ==
        "HEAD / HTTP/1.1\nHost: www.example.test\nAccept: */*\nConnection: close\n"
        "User-Agent: ronda/" RONDA_VERSION "\n");
  for (const auto* method : {"POST", "OPTIONS"}) {
    const auto other = make_check("http", HttpCheck{.method = method});
    CHECK(brief(prober.probe(other, server.endpoint())) == "pass L7OK: status 200");
    CHECK_THAT(request, ContainsSubstring(std::string(method) + " / HTTP/1.1\n"));
  }
}

TEST_CASE("http: wrong answers, each with its code") {
  struct Row {
    std::string bytes;
    const char* outcome;
  };
  const Row rows[] = {
      {answer("", "503 Busy"), "fail L7STS: expected status 200-299, got 503"},
      {answer("sick"), "fail L7RSP: expected body to match /well/, got \"sick\""},
      {"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
       "fail L7STS: expected status 200-299, got 301 to /other"},
      {"HTTP/1.1 100 Continue\r\n\r\n" + answer("well"), "pass L7OK: status 200"},
      {"", "fail L7RSP: connection closed without an answer"},
      {"220 mail ESMTP\r\n", "fail L7RSP: expected HTTP, got \"220 mail ESMTP\\x0d\\x0a\""},
      {"HTTP/1.1 103 Hints\r\n\r\n<p>", "fail L7RSP: expected HTTP, got \"<p>\""},
      {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
       "fail L7RSP: the answer is no sound HTTP: Invalid Content-Length"},
      {"HTTP/3 200 OK\r\n\r\n",
       "fail L7RSP: the answer is no sound HTTP: Unsupported HTTP version"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwell",
       "fail L7RSP: connection closed in the"},
      {"HTTP/1.0 200 OK\r\n\r\nwell without a length", "pass L7OK: status 200"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    ScriptedServer server(answering(row.bytes));
    Prober prober;
    CHECK_THAT(
        brief(prober.probe(make_check("http", HttpCheck{.body = "well"}), server.endpoint())),
        ContainsSubstring(row.outcome));
  }
}

TEST_CASE("http: what stood in the way of one check is not laid to the next") {
  Prober prober;
  const test::ClosedPort closed;
  ScriptedServer garbage(
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n"));
  const auto check = make_check("http", HttpCheck{});
  const auto alone = brief(prober.probe(check, garbage.endpoint()));
  CHECK_THAT(alone, Catch::Matchers::StartsWith("fail L7RSP: Illegal or missing hex"));
  CHECK(brief(prober.probe(check, closed.endpoint())) == "fail L4CON: connection refused");
  CHECK(brief(prober.probe(check, garbage.endpoint())) == alone);
}

TEST_CASE("http: refused, reset, silent, stalled") {
  Prober prober;
  auto check = make_check("http", HttpCheck{});
  const test::ClosedPort closed;
  CHECK(brief(prober.probe(check, closed.endpoint())) == "fail L4CON: connection refused");

  ScriptedServer resetting([](Peer& peer) {
    peer.until_blank_line();
    peer.reset();
  });
  CHECK_THAT(brief(prober.probe(check, resetting.endpoint())), ContainsSubstring("fail L7RSP"));

  check.timeout = 200ms;
  ScriptedServer silent([](Peer& peer) { peer.rest(); });
  const auto result = prober.probe(check, silent.endpoint());
  CHECK(brief(result) == "fail L7TOUT: no whole answer within 200ms");
  CHECK(prober.took < 250ms);

  // With a small store: reading the system's takes libcurl longer than this timeout under
  // sanitizers.
  const test::TestCa ca;
  auto secured = check;
  secured.tls = TlsMode::implicit;
  secured.tls_settings.ca_file = ca.file();
  CHECK(brief(prober.probe(secured, silent.endpoint())) ==
        "fail L6TOUT: TLS handshake not done within 200ms");

  ScriptedServer stalled([](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    peer.rest();
  });
  CHECK(brief(prober.probe(check, stalled.endpoint())) ==
        "fail L7TOUT: no whole answer within 200ms");

  check.timeout = 1s;  // enough for the head, too little for the body
  ScriptedServer wrong([](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhalf");
    peer.rest();
  });
  CHECK(brief(prober.probe(check, wrong.endpoint())) ==
        "fail L7STS: expected status 200-299, got 500");
}

TEST_CASE("http: an endless body or head is cut, in time and in bounded memory") {
  std::atomic<std::size_t> sent = 0;
  const std::string block(64 * 1024, 'x');
  ScriptedServer body([&](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
    for (int i = 0; i < 1024 && !peer.cut_short(); ++i) {
      sent += peer.write(block);
    }
  });
  Prober prober;
  auto check = make_check("http", HttpCheck{.body = "^x+$"});
  const auto result = prober.probe(check, body.endpoint());
  CHECK(brief(result) == "pass L7OK: status 200, body cut at the 65536 bytes of read_limit");
  CHECK(prober.took < 1s);
  // What the kernel's buffers take and no more.
  CHECK(sent < 32U * 1024 * 1024);

  ScriptedServer head([&](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 200 OK\r\n");
    while (!peer.cut_short()) {
      peer.write("X-More: " + std::string(1000, 'x') + "\r\n");
    }
  });
  CHECK(brief(prober.probe(check, head.endpoint())) ==
        "fail L7RSP: the answer's headers go on past 64 KiB");

  // libcurl calls a line that it cannot keep "out of memory".
  for (const char* begin : {"HTTP/1.1 200 ", "HTTP/1.1 302 Found\r\nLocation: /"}) {
    ScriptedServer line([&](Peer& peer) {
      peer.until_blank_line();
      peer.write(begin);
      while (!peer.cut_short()) {
        peer.write(block);
      }
    });
    CHECK(brief(prober.probe(check, line.endpoint())) ==
          "fail L7RSP: the answer's headers go on past 64 KiB");
  }
  ScriptedServer trailer([&](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: ");
    while (!peer.cut_short()) {
      peer.write(block);
    }
  });
  CHECK(brief(prober.probe(check, trailer.endpoint())) ==
        "fail L7RSP: a line behind the chunked body goes on without an end");
}

TEST_CASE("http: the address decides where to go, the name who to be, whatever was probed before") {
  ScriptedServer first(answering(answer("first")), "127.0.0.2");
  ScriptedServer second(answering(answer("second")), "127.0.0.3", first.endpoint().port);
  Prober prober;
  const auto expecting = [](const std::string& body) {
    return make_check("http", HttpCheck{.body = "^" + body + "$"});
  };
  for (int round = 0; round < 3; ++round) {
    CHECK(brief(prober.probe(expecting("first"), first.endpoint())) == "pass L7OK: status 200");
    CHECK(brief(prober.probe(expecting("second"), second.endpoint())) == "pass L7OK: status 200");
  }
}

TEST_CASE(
    "http: redirects are followed when asked for, and never away from the replica's address") {
  std::string location;
  std::string requests;
  ScriptedServer elsewhere(
      [&](Peer& peer) {
        requests += "elsewhere!";
        peer.until_blank_line();
        peer.write(answer("elsewhere"));
      },
      "127.0.0.3");
  ScriptedServer server(
      [&](Peer& peer) {
        const std::string request = peer.until_blank_line();
        requests += request + "|";
        if (request.starts_with("GET / ") || request.starts_with("GET /again")) {
          peer.write("HTTP/1.1 302 Found\r\nX-Role: first\r\nSet-Cookie: id=secret\r\nLocation: " +
                     location + "\r\nContent-Length: 4\r\n\r\nsick");
        } else {
          peer.write(answer("well"));
        }
      },
      "127.0.0.2", elsewhere.endpoint().port);
  Prober prober;
  auto check = make_check("http", HttpCheck{.body = "^well$",
                                            .header = {{"X-Role", "^main$"}},
                                            .login = *Login::parse("me\nsecret@word\n", "f"),
                                            .follow_redirects = true});
  std::string dialogue;
  prober.engines.on_trace = [&](const TraceLine& line) { dialogue += line.text + "\n"; };
  const std::string port = ":" + std::to_string(server.endpoint().port);
  struct Row {
    std::string location;
    std::string outcome;
  };
  const Row rows[] = {
      {"/there", "pass L7OK: redirected to http://www.example.test" + port + "/there: status 200"},
      {"http://other.test" + port + "/there",
       "pass L7OK: redirected to http://other.test" + port + "/there: status 200"},
      // An address is a name like any other here.
      {"http://127.0.0.3" + port + "/there",
       "pass L7OK: redirected to http://127.0.0.3" + port + "/there: status 200"},
      {"http://www.example.test:1/",
       "fail L4CON: redirected to http://www.example.test:1/: connection refused"},
      {"/again", "fail L7RSP: redirected to http://www.example.test" + port +
                     "/again: more than 5 redirects"},
      {"ftp://www.example.test/",
       "fail L7RSP: redirected to ftp://www.example.test/: neither http nor https"},
      {"file:///etc/passwd",
       "fail L7RSP: redirected to file:///etc/passwd: neither http nor https"},
      {"javascript:alert(1)",
       "fail L7RSP: redirected to javascript:alert(1): neither http nor https"},
      {"http://[::1", "fail L7RSP: redirected to http://[::1: no usable URL"},
      {"http://host:99999/", "fail L7RSP: redirected to http://host:99999/: no usable URL"},
      {"http://", "fail L7RSP: redirected to http://: no usable URL"},
      {"http://ho st/", "fail L7RSP: redirected to http://ho st/: no usable URL"},
      {"http://\xff.test/", "fail L7RSP: redirected to http://\\xff.test/: no usable URL"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.location);
    location = row.location;
    requests.clear();
    CHECK_THAT(brief(prober.probe(check, server.endpoint())), ContainsSubstring(row.outcome));
    INFO(requests);
    CHECK_THAT(requests, !ContainsSubstring("elsewhere!"));
    // The password is for the first name alone.
    const auto asked = std::count(requests.begin(), requests.end(), '|');
    std::ptrdiff_t with_login = 0;
    for (auto at = requests.find("Basic"); at != std::string::npos;
         at = requests.find("Basic", at + 1)) {
      ++with_login;
    }
    const bool same_name = location.starts_with('/');
    CHECK(with_login == (same_name ? asked : 1));
  }
  // A redirect may bring a login of its own.
  location = "http://bob:secret@www.example.test" + port + "/there?token=secret";
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "pass L7OK: redirected to http://www.example.test" + port + "/there?token=***: status 200");
  CHECK_THAT(dialogue, ContainsSubstring("Set-Cookie: ***"));
  for (const char* leak : {"//me", "secret", "word", "//bob", "Basic Y"}) {
    CHECK_THAT(dialogue, !ContainsSubstring(leak));
  }
  location = "http://other.test" + port + "/there";
  requests.clear();
  prober.probe(check, server.endpoint());
  CHECK_THAT(requests, ContainsSubstring("\nHost: other.test" + port + "\n"));

  // Not asked for: the redirect is the answer.
  std::get<HttpCheck>(check.protocol) = {.status = {{302, 302}}, .header = {{"X-Role", "first"}}};
  CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: status 302");
}

TEST_CASE("http: all redirects together have one deadline") {
  ScriptedServer silent([](Peer& peer) { peer.rest(); });
  const std::string there =
      "http://www.example.test:" + std::to_string(silent.endpoint().port) + "/";
  ScriptedServer server([&](Peer& peer) {
    peer.until_blank_line();
    peer.stays_for(500ms);
    peer.write("HTTP/1.1 302 Found\r\nLocation: " + there + "\r\nContent-Length: 0\r\n\r\n");
  });
  Prober prober;
  const test::TestCa ca;  // a small store: the system's takes long to read
  auto check = make_check("http", HttpCheck{.follow_redirects = true});
  check.tls_settings.ca_file = ca.file();
  check.timeout = 800ms;
  CHECK(brief(prober.verdict_of(check, server.endpoint())) ==
        "fail L7TOUT: redirected to " + there + ": no whole answer within 800ms");
  CHECK(prober.took < 850ms);
}

TEST_CASE("http: the body of a redirect is bounded, too") {
  const std::string head =
      "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 99999999\r\n\r\n";
  const std::string block(64 * 1024, 'x');
  std::atomic<std::size_t> sent = 0;
  ScriptedServer endless([&](Peer& peer) {
    peer.until_blank_line();
    peer.write(head);
    for (int i = 0; i < 1024 && !peer.cut_short(); ++i) {
      sent += peer.write(block);
    }
  });
  ScriptedServer stalled([&](Peer& peer) {
    peer.until_blank_line();
    peer.write(head + "half");
    peer.rest();
  });
  Prober prober;
  const test::TestCa ca;
  auto check = make_check("http", HttpCheck{.follow_redirects = true});
  check.tls_settings.ca_file = ca.file();
  CHECK(brief(prober.probe(check, endless.endpoint())) ==
        "fail L7RSP: the body of a redirect goes on past the 65536 bytes of read_limit");
  CHECK(sent < 32U * 1024 * 1024);
  check.timeout = 800ms;
  CHECK(brief(prober.verdict_of(check, stalled.endpoint())) ==
        "fail L7TOUT: no whole answer within 800ms");
}

TEST_CASE("http: a server that wants to be asked again is not") {
  std::atomic<int> connections = 0;
  ScriptedServer server([&](Peer& peer) {
    ++connections;
    constexpr std::string_view kSettings("\0\0\0\4\0\0\0\0\0", 9);
    constexpr std::string_view kRefusedStream("\0\0\4\3\0\0\0\0\1\0\0\0\7", 13);
    peer.until_blank_line();  // the first half of the preface
    peer.some();
    peer.write(std::string(kSettings) + std::string(kRefusedStream));
    peer.rest();
  });
  Prober prober;
  const auto check = make_check("http", HttpCheck{.version = HttpVersion::two});
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "fail L7RSP: expected an answer, got a wish to be asked again");
  CHECK(connections == 1);
}

TEST_CASE("https: HTTP/2 is what was agreed on, not what an answer calls itself") {
  const test::TestCa ca;
  const auto context = ca.server();
  ScriptedServer server([&](Peer& peer) {
    if (peer.secure(context)) {
      peer.until_blank_line();
      peer.write("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  Prober prober;
  auto check = make_check("https", HttpCheck{.version = HttpVersion::two}, TlsMode::implicit);
  check.tls_settings.ca_file = ca.file();
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "fail L7RSP: expected HTTP/2, got HTTP/1 that calls itself 2");
}

TEST_CASE("https, tls: what goes wrong with TLS is said in the same words") {
  const test::TestCa ca;
  const test::TestCa other;
  const auto nameless = ca.server({.alternative_name = false});
  const auto secure_with = [](const std::shared_ptr<SSL_CTX>& context) {
    return [context](Peer& peer) {
      if (peer.secure(context)) {
        peer.until_blank_line();
        peer.write(answer("well"));
      } else {
        peer.stays_for(3s);  // so that no reset overtakes the alert
      }
    };
  };
  struct Row {
    ScriptedServer::Script script;
    const char* outcome;
  };
  const Row rows[] = {
      {secure_with(nameless),
       "fail L6RSP: certificate is for another name: wanted www.example.test"},
      {[](Peer& peer) { peer.some(); }, "fail L6RSP: connection closed during the TLS handshake"},
      {[](Peer& peer) {
         peer.some();
         peer.reset();
       },
       "fail L6RSP: connection reset by peer"},
  };
  Prober prober;
  for (const Row& row : rows) {
    ScriptedServer server(row.script);
    for (auto check : {make_check("https", HttpCheck{}, TlsMode::implicit),
                       make_check("tls", TcpCheck{}, TlsMode::implicit)}) {
      CAPTURE(check.kind);
      check.tls_settings.ca_file = ca.file();
      CHECK(brief(prober.probe(check, server.endpoint())) == row.outcome);
    }
  }
  const auto strict = ca.server();
  SSL_CTX_set_verify(strict.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ScriptedServer wants_clients(secure_with(strict));
  auto check = make_check("https", HttpCheck{}, TlsMode::implicit);
  check.tls_settings.ca_file = ca.file();
  CHECK(brief(prober.probe(check, wants_clients.endpoint())) ==
        "fail L6RSP: tlsv13 alert certificate required");
}

TEST_CASE("https, tls, dns: who watches sees the certificates that were refused") {
  const test::TestCa ca;
  const test::TestCa other;
  const auto context = ca.server({.intermediate_to_seconds = 24L * 3600});
  ScriptedServer server([&](Peer& peer) { peer.secure(context); });
  Prober prober;
  std::string told;
  prober.engines.on_trace = [&](const TraceLine& line) { told += line.text + "\n"; };
  for (auto check :
       {make_check("https", HttpCheck{}, TlsMode::implicit),
        make_check("tls", TcpCheck{}, TlsMode::implicit),
        make_check("dns", DnsCheck{.name = "example.test", .transport = DnsTransport::tls},
                   TlsMode::implicit)}) {
    CAPTURE(check.kind);
    check.tls_settings.ca_file = other.file();
    told.clear();
    CHECK_THAT(brief(prober.probe(check, server.endpoint())),
               Catch::Matchers::StartsWith("fail L6RSP: "));
    CHECK_THAT(told, ContainsSubstring("certificate CN=www.example.test, issued by CN=test inter"));
    CHECK_THAT(told, ContainsSubstring("certificate CN=test intermediate, issued by CN=test CA"));
    CHECK_THAT(told, !ContainsSubstring("verified, the chain"));
  }
}

TEST_CASE("http: behind a redirect to https, the certificate is verified for that name") {
  const test::TestCa ca;
  const auto good = ca.server({.to_seconds = 24L * 3600});
  ScriptedServer secured([&](Peer& peer) {
    if (peer.secure(good)) {
      peer.until_blank_line();
      peer.write(answer("well"));
    }
  });
  ScriptedServer stalled([](Peer& peer) { peer.rest(); });
  std::string location;
  ScriptedServer server([&](Peer& peer) {
    peer.until_blank_line();
    peer.write("HTTP/1.1 301 Moved\r\nLocation: " + location + "\r\n\r\n");
  });
  const auto at = [](const std::string& name, const ScriptedServer& there) {
    return "https://" + name + ":" + std::to_string(there.endpoint().port) + "/";
  };
  Prober prober;
  auto check = make_check("http", HttpCheck{.follow_redirects = true});
  check.tls_settings.ca_file = ca.file();
  location = at("www.example.test", secured);
  const auto warned = prober.probe(check, server.endpoint());
  CHECK_THAT(brief(warned), ContainsSubstring("warn L7OKC: certificate ends "));
  CHECK_THAT(brief(warned), ContainsSubstring("status 200"));
  CHECK(warned.cert_chain_not_after);
  location = at("other.test", secured);
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "fail L6RSP: redirected to " + location + ": certificate is for another name");
  check.timeout = 1s;  // the redirect itself is to be heard
  location = at("www.example.test", stalled);
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "fail L6TOUT: redirected to " + location + ": TLS handshake not done within 1s");
}

TEST_CASE("https: of all certificates on the way the one that ends first warns") {
  const test::TestCa ca;
  const auto ends_soon = ca.server({.to_seconds = 24L * 3600});
  const auto lasts = ca.server();
  const auto serve = [](Peer& peer, const std::shared_ptr<SSL_CTX>& context,
                        const std::string& bytes) {
    if (peer.secure(context)) {
      peer.until_blank_line();
      peer.write(bytes);
    }
  };
  ScriptedServer second([&](Peer& peer) { serve(peer, lasts, answer("well")); });
  const std::string there =
      "https://www.example.test:" + std::to_string(second.endpoint().port) + "/";
  ScriptedServer first([&](Peer& peer) {
    serve(peer, ends_soon, "HTTP/1.1 301 Moved\r\nLocation: " + there + "\r\n\r\n");
  });
  Prober prober;
  auto check = make_check("https", HttpCheck{.follow_redirects = true}, TlsMode::implicit);
  check.tls_settings.ca_file = ca.file();
  CHECK(brief(prober.probe(check, second.endpoint())) == "pass L7OK: status 200");
  CHECK_THAT(brief(prober.probe(check, first.endpoint())),
             Catch::Matchers::StartsWith("warn L7OKC: certificate ends "));
}

TEST_CASE("https: every probe sees the certificate, none resumes a session of the one before") {
  const test::TestCa ca;
  const auto context = ca.server();
  ScriptedServer* noting = nullptr;
  ScriptedServer server([&](Peer& peer) {
    if (peer.secure(context)) {
      noting->note(peer.resumes_session() ? "resumed" : "whole");
      peer.until_blank_line();
      peer.write(answer("well"));
    }
  });
  noting = &server;
  Prober prober;
  auto check = make_check("https", HttpCheck{}, TlsMode::implicit);
  check.tls_settings.ca_file = ca.file();
  for (int visit = 0; visit < 3; ++visit) {
    CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: status 200");
  }
  CHECK(server.notes() == std::vector<std::string>(3, "whole"));
}

TEST_CASE("http: a password that the server repeats does not show in what is said of its answer") {
  ScriptedServer server([](Peer& peer) {
    const std::string head = peer.until_blank_line();
    peer.write(answer("secret-word " + head.substr(head.find("Basic"), 40)));
  });
  Prober prober;
  const auto check = make_check(
      "http", HttpCheck{.body = "^well$", .login = *Login::parse("me\nsecret-word\n", "f")});
  const std::string told = brief(prober.probe(check, server.endpoint()));
  CHECK_THAT(told, Catch::Matchers::StartsWith(
                       "fail L7RSP: expected body to match /^well$/, got \"*** Basic ***"));
  CHECK_THAT(told, !ContainsSubstring("word"));
}

TEST_CASE("http: proxies of the environment are not asked") {
  ScriptedServer server(answering(answer("well")));
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  Prober prober;
  const auto result = prober.probe(make_check("http", HttpCheck{}), server.endpoint());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK(brief(result) == "pass L7OK: status 200");
}

TEST_CASE("https: name, issuer and life span are verified against the server name") {
  const test::TestCa ca;
  const test::TestCa other;
  struct Row {
    test::LeafOptions leaf;
    const test::TestCa* trusted;
    bool verify;
    const char* outcome;
  };
  const Row rows[] = {
      {{}, &ca, true, "pass L7OK: status 200"},
      {{.to_seconds = 24L * 3600}, &ca, true, "warn L7OKC: certificate ends "},
      {{.from_seconds = -7200, .to_seconds = -3600},
       &ca,
       true,
       "fail L6RSP: certificate has expired"},
      {{.name = "elsewhere.test"},
       &ca,
       true,
       "fail L6RSP: certificate is for another name: wanted www.example.test"},
      {{}, &other, true, "fail L6RSP: certificate is signed by an unknown CA"},
      {{}, nullptr, true, "fail L6RSP: certificate is signed by an unknown CA"},
      {{.name = "elsewhere.test"}, nullptr, false, "pass L7OK: certificate not verified; status"},
      {{.from_seconds = -7200, .to_seconds = -3600},
       nullptr,
       false,
       "warn L7OKC: certificate ended"},
  };
  Prober prober;
  for (const Row& row : rows) {
    const auto context = ca.server(row.leaf);
    ScriptedServer server([&](Peer& peer) {
      if (peer.secure(context)) {
        peer.until_blank_line();
        peer.write(answer("well"));
      }
    });
    auto check = make_check("https", HttpCheck{}, TlsMode::implicit);
    check.tls_settings.ca_file = row.trusted != nullptr ? row.trusted->file() : "";
    check.tls_settings.verify = row.verify;
    const auto result = prober.probe(check, server.endpoint());
    CHECK_THAT(brief(result), ContainsSubstring(row.outcome));
    if (result.verdict != Verdict::fail) {
      CHECK(result.phases.tls);
      CHECK(result.cert_not_after);
    }
  }
}

TEST_CASE(
    "a certificate of the verified chain that ends soon warns, one that is not needed does not") {
  constexpr long kDay = 24L * 3600;
  const test::TestCa ca;
  struct Row {
    test::LeafOptions leaf;
    const char* verdict;
    net::Duration presented;  // from now, roughly
    net::Duration verified;
  };
  const Row rows[] = {
      {{.intermediate_to_seconds = 40 * kDay}, "pass ", 40 * 24h, 40 * 24h},
      {{.intermediate_to_seconds = kDay}, "warn ", 24h, 24h},
      {{.intermediate_to_seconds = 40 * kDay, .stale_intermediate = true}, "pass ", -1h, 40 * 24h},
  };
  Prober prober;
  for (const Row& row : rows) {
    const auto context = ca.server(row.leaf);
    ScriptedServer server([&](Peer& peer) {
      if (peer.secure(context)) {
        peer.until_blank_line();
        peer.write(answer("well"));
      }
    });
    for (auto check : {make_check("https", HttpCheck{}, TlsMode::implicit),
                       make_check("tls", TcpCheck{}, TlsMode::implicit)}) {
      CAPTURE(check.kind, row.verdict);
      check.tls_settings.ca_file = ca.file();
      const auto result = prober.probe(check, server.endpoint());
      CHECK_THAT(brief(result), Catch::Matchers::StartsWith(row.verdict));
      const auto ends_in = [](const std::optional<net::WallTime>& end, net::Duration wanted) {
        const net::WallTime now = std::chrono::system_clock::now();
        return end && *end - now < wanted + 1min && *end - now > wanted - 1min;
      };
      CHECK(ends_in(result.cert_not_after, row.presented));
      CHECK(ends_in(result.cert_chain_not_after, row.verified));
    }
  }
}

TEST_CASE("https: no file is read once the context is built") {
  auto ca = std::make_optional<test::TestCa>();
  const auto context = ca->server({});
  ScriptedServer server([&](Peer& peer) {
    if (peer.secure(context)) {
      peer.until_blank_line();
      peer.write(answer("well"));
    }
  });
  Prober prober;
  auto check = make_check("https", HttpCheck{}, TlsMode::implicit);
  check.tls_settings.ca_file = ca->file();
  CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: status 200");
  ca.reset();
  REQUIRE_FALSE(std::filesystem::exists(check.tls_settings.ca_file));
  CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: status 200");
}

TEST_CASE("https: a server without TLS and a missing CA file are told apart") {
  ScriptedServer plain([](Peer& peer) {
    peer.write("220 mail ESMTP\r\n");
    peer.rest();
  });
  Prober prober;
  auto check = make_check("https", HttpCheck{}, TlsMode::implicit);
  CHECK_THAT(brief(prober.probe(check, plain.endpoint())), ContainsSubstring("fail L6RSP"));
  check.tls_settings.ca_file = "/nonexistent/ca.pem";
  const auto unknown = prober.probe(check, plain.endpoint());
  CHECK(unknown.verdict == Verdict::unknown);
  CHECK_THAT(unknown.detail, ContainsSubstring("/nonexistent/ca.pem"));
}

}  // namespace ronda::probes
