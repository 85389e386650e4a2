#include "probes/dialogue_runner.hpp"

#include <array>
#include <atomic>
#include <vector>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/integration/probes/test_ca.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using test::brief;
using test::ClosedPort;
using test::make_check;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

// Its queue is full, so that the kernel drops further SYNs.
class DeafListener {
 public:
  DeafListener() {
    const auto any = net::to_socket_address({net::IpAddress::from_v4({127, 0, 0, 1}), 0});
    REQUIRE(::bind(listener_, any.get(), any.length) == 0);
    REQUIRE(::listen(listener_, 0) == 0);
    ::sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* bound = reinterpret_cast<::sockaddr*>(&storage);
    REQUIRE(::getsockname(listener_, bound, &length) == 0);
    endpoint_ = net::from_socket_address(bound, length).value();
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(filler, bound, length);
    }
  }
  ~DeafListener() {
    for (const int filler : fillers_) {
      ::close(filler);
    }
    ::close(listener_);
  }
  DeafListener(const DeafListener&) = delete;
  DeafListener& operator=(const DeafListener&) = delete;

  net::Endpoint endpoint() const { return endpoint_; }

 private:
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::array<int, 4> fillers_{};
  net::Endpoint endpoint_{};
};

}  // namespace

TEST_CASE("smtp: a good server is told QUIT, and its answer is waited for in good order") {
  std::atomic<bool> over = false;
  std::string heard;
  bool cut_short = true;
  ScriptedServer server([&](Peer& peer) {
    peer.write("220-mx.example\r\n220 ESMTP\r\n");
    heard = peer.line() + "|";
    peer.write("250-mx.example\r\n250 SIZE\r\n");
    heard += peer.line();
    peer.write("221-bye\r\n");
    // Fails when the client left without hearing the line before.
    peer.write("221 bye\r\n");
    peer.rest();
    cut_short = peer.cut_short();
    over = true;
  });
  Prober prober;
  std::optional<ProbeResult> result;
  net::Handle handle;
  handle = start_probe(prober.engines, make_check("smtp", SmtpCheck{.helo = "probe.example"}),
                       server.endpoint(), [&](const ProbeResult& told) {
                         result = told;
                         handle.reset();
                       });
  REQUIRE(prober.wait_for([&] { return over.load(); }));
  REQUIRE(result);
  CHECK(brief(*result) == "pass L7OK: 220-mx.example");
  CHECK(result->phases.connect);
  CHECK(result->phases.first_byte);
  CHECK(heard == "EHLO probe.example|QUIT");
  CHECK_FALSE(cut_short);
}

TEST_CASE("a server that is silent to QUIT delays nothing") {
  ScriptedServer server([](Peer& peer) {
    peer.write("220 mx\r\n");
    peer.line();
    peer.write("250 mx\r\n");
    peer.rest();
  });
  Prober prober;
  const auto result = prober.probe(make_check("smtp", SmtpCheck{}), server.endpoint());
  CHECK(result.verdict == Verdict::pass);
  CHECK(prober.took < 450ms);  // the goodbye would take 500 ms
}

TEST_CASE("replies in single bytes are put together") {
  const auto slowly = [](Peer& peer, std::string_view text) {
    for (const char byte : text) {
      peer.write(std::string_view(&byte, 1));
    }
  };
  ScriptedServer server([&](Peer& peer) {
    slowly(peer, "220-mx\r\n220 ESMTP\r\n");
    peer.line();
    slowly(peer, "250-mx\r\n250 SIZE\r\n");
    peer.rest();
  });
  Prober prober;
  CHECK(brief(prober.probe(make_check("smtp", SmtpCheck{}), server.endpoint())) ==
        "pass L7OK: 220-mx");
}

TEST_CASE("ftp: a greeting is enough, 421 is not") {
  std::string greeting = "220-welcome\r\n all\r\n220 ready\r\n";
  ScriptedServer server([&](Peer& peer) {
    peer.write(greeting);
    peer.rest();
  });
  Prober prober;
  const auto check = make_check("ftp", FtpCheck{});
  CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: 220-welcome");
  greeting = "421 too many users\r\n";
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "fail L7STS: expected 220, got \"421 too many users\"");
}

TEST_CASE("refused, reset and closed connections fail at once") {
  Prober prober;
  const auto check = make_check("smtp", SmtpCheck{});
  const ClosedPort closed;
  CHECK(brief(prober.probe(check, closed.endpoint())) == "fail L4CON: connection refused");

  ScriptedServer resetting([](Peer& peer) {
    peer.write("220-");
    peer.reset();
  });
  const auto reset = prober.probe(check, resetting.endpoint());
  CHECK_THAT(brief(reset), ContainsSubstring("fail L7RSP: expected 220"));
  CHECK_THAT(brief(reset), ContainsSubstring("reset"));

  ScriptedServer closing([](Peer&) {});
  CHECK(brief(prober.probe(check, closing.endpoint())) ==
        "fail L7RSP: expected 220, connection closed, got nothing");
}

TEST_CASE("a silent server times out in the phase it is silent in") {
  ScriptedServer silent([](Peer& peer) { peer.rest(); });
  Prober prober;
  auto check = make_check("smtp", SmtpCheck{});
  check.timeout = 200ms;
  const auto plain = prober.probe(check, silent.endpoint());
  CHECK(brief(plain) == "fail L7TOUT: expected 220, got nothing within 200ms");
  CHECK(plain.phases.total >= 200ms);
  CHECK(prober.took < 250ms);
  check.tls = TlsMode::implicit;
  check.tls_settings.verify = false;
  CHECK(brief(prober.probe(check, silent.endpoint())) ==
        "fail L6TOUT: TLS handshake not done within 200ms");
}

TEST_CASE("a listener that accepts no more times out while connecting") {
  const DeafListener deaf;
  Prober prober;
  for (auto check : {make_check("tcp", TcpCheck{}), make_check("http", HttpCheck{}),
                     make_check("https", HttpCheck{}, TlsMode::implicit)}) {
    check.timeout = 200ms;
    CHECK(brief(prober.verdict_of(check, deaf.endpoint())) ==
          "fail L4TOUT: no connection within 200ms");
  }
}

TEST_CASE("a passive port that accepts no more is no connection, either") {
  const DeafListener deaf;
  const auto port = deaf.endpoint().port;
  ScriptedServer server([&](Peer& peer) {
    peer.write("220 x\r\n");
    peer.line();
    peer.write("227 (127,0,0,1," + std::to_string(port / 256) + "," + std::to_string(port % 256) +
               ")\r\n");
    peer.rest();
  });
  Prober prober;
  auto check = make_check("ftp", FtpCheck{.passive = true});
  check.timeout = 300ms;
  CHECK(brief(prober.verdict_of(check, server.endpoint())) ==
        "fail L4TOUT: no connection to the passive port within 300ms");
}

TEST_CASE("tcp steps run over a real connection") {
  std::string heard;
  ScriptedServer server([&](Peer& peer) {
    heard = peer.line();
    peer.write("+PONG\r\n");
    peer.rest();
  });
  Prober prober;
  const TcpCheck steps{
      .steps = {{TcpStepKind::send, "PING\r\n"}, {TcpStepKind::expect, "^\\+PONG"}}};
  CHECK(brief(prober.probe(make_check("tcp", steps), server.endpoint())) ==
        "pass L7OK: 2 steps held");
  CHECK(heard == "PING");
  CHECK(brief(prober.probe(make_check("tcp", TcpCheck{}), server.endpoint())) ==
        "pass L4OK: connected");
}

TEST_CASE("a flood before the greeting is cut at the read limit") {
  std::atomic<std::size_t> sent = 0;
  ScriptedServer server([&](Peer& peer) {
    const std::string line = "220-" + std::string(1000, 'x') + "\r\n";
    for (int i = 0; i < 64 * 1024 && !peer.cut_short(); ++i) {
      sent += peer.write(line);
    }
  });
  Prober prober;
  const auto result = prober.probe(make_check("smtp", SmtpCheck{}), server.endpoint());
  CHECK_THAT(brief(result), ContainsSubstring("65536 bytes of read_limit"));
  CHECK(sent < 32U * 1024 * 1024);
}

TEST_CASE("TLS: implicit and starttls verify name, issuer and life span") {
  const test::TestCa ca;
  const test::TestCa other;
  struct Row {
    test::LeafOptions leaf;
    const test::TestCa* trusted;
    const char* outcome;
  };
  const Row rows[] = {
      {{}, &ca, "pass L7OK: 220 mx"},
      {{.to_seconds = 24L * 3600}, &ca, "warn L7OKC: certificate ends "},
      {{.from_seconds = -7200, .to_seconds = -3600}, &ca, "expired"},
      {{.name = "elsewhere.test"}, &ca, "another name"},
      {{}, &other, "unknown CA"},
  };
  for (const auto mode : {TlsMode::implicit, TlsMode::starttls}) {
    for (const Row& row : rows) {
      const auto context = ca.server(row.leaf);
      ScriptedServer server([&](Peer& peer) {
        if (mode == TlsMode::starttls) {
          peer.write("220 mx\r\n");
          peer.line();
          peer.write("250-mx\r\n250 STARTTLS\r\n");
          peer.line();
          peer.write("220 go\r\n");
        }
        if (!peer.secure(context)) {
          return;
        }
        if (mode == TlsMode::implicit) {
          peer.write("220 mx\r\n");
        }
        peer.line();
        peer.write("250 mx\r\n");
        peer.rest();
      });
      Prober prober;
      auto check = make_check("smtp", SmtpCheck{}, mode);
      check.tls_settings.ca_file = row.trusted->file();
      const auto result = prober.probe(check, server.endpoint());
      CHECK_THAT(brief(result), ContainsSubstring(row.outcome));
      if (result.verdict == Verdict::fail) {
        CHECK(result.code == Code::L6RSP);
      } else {
        CHECK(result.phases.tls);
        CHECK(result.cert_not_after);
      }
    }
  }
}

TEST_CASE("TLS: an unverified certificate passes and is named so") {
  const test::TestCa ca;
  const auto context = ca.server({.name = "elsewhere.test"});
  ScriptedServer server([&](Peer& peer) {
    peer.secure(context);
    peer.rest();
  });
  Prober prober;
  auto check = make_check("tcp", TcpCheck{}, TlsMode::implicit);
  check.tls_settings.verify = false;
  CHECK(brief(prober.probe(check, server.endpoint())) ==
        "pass L6OK: certificate not verified; connected");
  check.tls_settings = {.ca_file = "/nonexistent/ca.pem"};
  const auto unknown = prober.probe(check, server.endpoint());
  CHECK(unknown.verdict == Verdict::unknown);
  CHECK_THAT(unknown.detail, ContainsSubstring("/nonexistent/ca.pem"));
}

TEST_CASE("running out of descriptors is our fault, not the replica's") {
  ScriptedServer server([](Peer& peer) { peer.rest(); });
  Prober prober;
  // Warm: the first request may open descriptors of its own.
  const ClosedPort closed;
  prober.probe(make_check("http", HttpCheck{}), closed.endpoint());
  ::rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::dup(0);
  REQUIRE(next >= 0);
  ::close(next);
  ::rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const auto tcp = prober.probe(make_check("tcp", TcpCheck{}), server.endpoint());
  const auto http = prober.probe(make_check("http", HttpCheck{}), server.endpoint());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_THAT(brief(tcp), ContainsSubstring("unknown SOCKERR: too many open files"));
  CHECK_THAT(brief(http), ContainsSubstring("unknown SOCKERR: too many open files"));
}

TEST_CASE("the source address is used, one that is not ours is our fault") {
  std::string from;
  ScriptedServer server([&](Peer& peer) {
    from = peer.address();
    peer.write("220 x\r\n");
    peer.rest();
  });
  Prober prober;
  auto check = make_check("ftp", FtpCheck{});
  check.source = net::IpAddress::from_v4({127, 0, 0, 9});
  CHECK(prober.probe(check, server.endpoint()).verdict == Verdict::pass);
  CHECK(from == "127.0.0.9");
  for (auto other : {make_check("ftp", FtpCheck{}), make_check("http", HttpCheck{})}) {
    other.source = net::IpAddress::from_v4({192, 0, 2, 99});
    CHECK(prober.probe(other, server.endpoint()).verdict == Verdict::unknown);
  }
}

TEST_CASE("the passive port is asked from the same address; none left for it is our fault") {
  ScriptedServer* noting = nullptr;
  ScriptedServer side([&](Peer& peer) {
    noting->note(peer.address());
    peer.rest();
  });
  noting = &side;
  std::function<void()> before_the_port = [] {};
  const auto port = side.endpoint().port;
  ScriptedServer server([&](Peer& peer) {
    peer.write("220 x\r\n");
    peer.line();
    before_the_port();
    peer.write("227 (127,0,0,1," + std::to_string(port / 256) + "," + std::to_string(port % 256) +
               ")\r\n");
    peer.rest();
  });
  Prober prober;
  auto check = make_check("ftp", FtpCheck{.passive = true});
  check.source = net::IpAddress::from_v4({127, 0, 0, 9});
  CHECK(brief(prober.probe(check, server.endpoint())) == "pass L7OK: 220 x");
  CHECK(prober.wait_for([&] { return side.notes() == std::vector<std::string>{"127.0.0.9"}; }));

  ::rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  before_the_port = [&] {
    const ::rlimit tight{static_cast<rlim_t>(::dup(0)), before.rlim_max};
    ::close(static_cast<int>(tight.rlim_cur));
    ::setrlimit(RLIMIT_NOFILE, &tight);
  };
  const auto none_left = brief(prober.probe(check, server.endpoint()));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_THAT(none_left, ContainsSubstring("unknown SOCKERR: too many open files"));
}

TEST_CASE("dropping the handle cancels; it may be dropped inside the call back") {
  ScriptedServer server([](Peer& peer) {
    peer.write("220 x\r\n");
    peer.rest();
  });
  const ClosedPort closed;
  Prober prober;
  for (const auto& check : {make_check("ftp", FtpCheck{}), make_check("http", HttpCheck{})}) {
    int calls = 0;
    auto dropped =
        start_probe(prober.engines, check, server.endpoint(), [&](const ProbeResult&) { ++calls; });
    dropped.reset();
    // Another one begins later and comes to its end.
    CHECK(prober.probe(make_check("ftp", FtpCheck{}), server.endpoint()).verdict == Verdict::pass);
    CHECK(calls == 0);

    net::Handle handle;
    handle = start_probe(prober.engines, check, closed.endpoint(), [&](const ProbeResult&) {
      ++calls;
      handle.reset();
      prober.loop.stop();
    });
    prober.run(20s);
    CHECK(calls == 1);
  }
}

}  // namespace ronda::probes
