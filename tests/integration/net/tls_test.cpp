#include <fstream>
#include <thread>

#include <signal.h>
#include <sys/resource.h>

#include "net/tcp_stream.hpp"
#include "net/tls_contexts.hpp"
#include "tests/integration/net/certificates.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/integration/net/temporary_directory.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

struct Result {
  std::optional<Secured> secured{};
  std::string text{};
  bool closed = false;
  std::optional<Fault> fault{};
};

// Connects, starts TLS, says "ping" and listens until the end.
Result talk(const Endpoint& peer, const TlsSettings& settings, const std::string& name) {
  UvLoop loop;
  TlsContexts contexts;
  const auto context = contexts.get(settings);
  REQUIRE(context);
  Result result;
  std::unique_ptr<TcpStream> stream;
  stream = *TcpStream::connect(loop, peer, std::nullopt, [&](const StreamEvent& event) {
    if (std::holds_alternative<Connected>(event)) {
      stream->start_tls(*context, name, settings.verify);
      stream->send(to_bytes("ping"));
    } else if (const auto* secured = std::get_if<Secured>(&event)) {
      result.secured = *secured;
    } else if (const auto* received = std::get_if<Received>(&event)) {
      result.text += to_text(received->bytes);
    } else if (std::holds_alternative<Closed>(event)) {
      result.closed = true;
      loop.stop();
    } else {
      result.fault = std::get<Fault>(event);
      loop.stop();
    }
  });
  REQUIRE(run(loop));
  return result;
}

struct Pki {
  Pki() { write_pem(ca.certificate, directory / "ca.pem"); }
  TlsSettings trusting() const { return {.verify = true, .ca_file = directory / "ca.pem"}; }
  TemporaryDirectory directory{};
  Identity ca = make_identity("", 3650, nullptr);
};

enum class Ending { orderly, abrupt };

// One connection: answers "pong <what it got>".
std::jthread serve(const Listener& listener, const ServerContext& context,
                   Ending ending = Ending::orderly) {
  return std::jthread([&listener, context, ending] {
    const Descriptor connection = listener.accept();
    const Session session = accept_tls(context, connection.get());
    if (!session) {
      return;
    }
    char buffer[100];
    const int length = SSL_read(session.get(), buffer, sizeof(buffer));
    const std::string reply = "pong " + std::string(buffer, length > 0 ? std::size_t(length) : 0);
    SSL_write(session.get(), reply.data(), static_cast<int>(reply.size()));
    if (ending == Ending::orderly) {
      SSL_shutdown(session.get());
    }
  });
}

}  // namespace

TEST_CASE("a good certificate secures the stream and shows its end") {
  Pki pki;
  Listener listener;
  const Identity leaf = make_identity("DNS:www.example.com,IP:127.0.0.1", 10, &pki.ca);
  const auto name = GENERATE(std::string("www.example.com"), std::string("WWW.example.com."),
                             std::string("127.0.0.1"));
  const auto ending = GENERATE(Ending::orderly, Ending::abrupt);
  Result result;
  {
    const auto server = serve(listener, server_context(leaf), ending);
    result = talk(listener.endpoint(), pki.trusting(), name);
  }
  REQUIRE(result.secured);
  CHECK(result.secured->protocol == "TLSv1.3");
  REQUIRE(result.secured->ends.presented);
  const WallTime expected = std::chrono::system_clock::now() + 240h;
  CHECK(*result.secured->ends.presented > expected - 1min);
  CHECK(*result.secured->ends.presented < expected + 1min);
  CHECK(result.text == "pong ping");
  CHECK(result.closed);
}

TEST_CASE("certificates that do not verify say why") {
  Pki pki;
  Listener listener;
  Identity leaf = make_identity("DNS:www.example.com", 10, &pki.ca);
  TlsSettings settings = pki.trusting();
  std::string expected;
  SECTION("expired") {
    leaf = make_identity("DNS:www.example.com", -1, &pki.ca);
    expected = "certificate has expired";
  }
  SECTION("another name") {
    leaf = make_identity("DNS:mail.example.com", 10, &pki.ca);
    expected = "certificate is for another name: wanted www.example.com";
  }
  SECTION("only a common name") {
    leaf = make_identity("", 10, &pki.ca);
    expected = "certificate is for another name: wanted www.example.com";
  }
  SECTION("unknown CA") {
    const Identity other = make_identity("", 10, nullptr);
    leaf = make_identity("DNS:www.example.com", 10, &other);
    write_pem(other.certificate, pki.directory / "other.pem");
    expected = "(unknown CA)";
  }
  const auto server = serve(listener, server_context(leaf));
  const Result result = talk(listener.endpoint(), settings, "www.example.com");
  REQUIRE(result.fault);
  CHECK(result.fault->phase == Phase::tls_handshake);
  CHECK(result.fault->origin == Origin::theirs);
  CHECK_THAT(result.fault->text, ContainsSubstring(expected));
  CHECK_FALSE(result.secured);
}

TEST_CASE("without verification any certificate will do") {
  Listener listener;
  const Identity self_signed = make_identity("DNS:other.example", -1, nullptr);
  const auto server = serve(listener, server_context(self_signed));
  const Result result = talk(listener.endpoint(), {.verify = false}, "www.example.com");
  CHECK(result.secured);
  CHECK(result.text == "pong ping");
}

TEST_CASE("verification without a name to verify is refused, and is our own fault") {
  Pki pki;
  Listener listener;
  const Result result = talk(listener.endpoint(), pki.trusting(), "");
  REQUIRE(result.fault);
  CHECK(result.fault->origin == Origin::ours);
}

TEST_CASE("a server below TLS 1.2 is refused") {
  Pki pki;
  Listener listener;
  const auto context = server_context(make_identity("DNS:www.example.com", 10, &pki.ca));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  const auto server = serve(listener, context);
  const Result result = talk(listener.endpoint(), pki.trusting(), "www.example.com");
  REQUIRE(result.fault);
  CHECK(result.fault->phase == Phase::tls_handshake);
}

TEST_CASE("a peer that answers the handshake with something else is told apart") {
  Pki pki;
  Listener listener;
  SECTION("plain text") {
    std::jthread peer([&] {
      const Descriptor connection = listener.accept();
      receive(connection.get());
      transmit(connection.get(), "220 mail.example.com ESMTP ready\r\n");
      receive(connection.get());
    });
    const Result result = talk(listener.endpoint(), pki.trusting(), "www.example.com");
    REQUIRE(result.fault);
    CHECK_THAT(result.fault->text, ContainsSubstring("not TLS"));
  }
  SECTION("the end") {
    std::jthread peer([&] {
      const Descriptor connection = listener.accept();
      receive(connection.get());
    });
    const Result result = talk(listener.endpoint(), pki.trusting(), "www.example.com");
    REQUIRE(result.fault);
    CHECK(result.fault->phase == Phase::tls_handshake);
    CHECK_THAT(result.fault->text, ContainsSubstring("closed"));
  }
}

TEST_CASE("a stalled handshake leaves the loop free, and the stream may be dropped") {
  Pki pki;
  Listener listener;
  UvLoop loop;
  TlsContexts contexts;
  const auto context = contexts.get(pki.trusting());
  REQUIRE(context);
  std::unique_ptr<TcpStream> stream;
  bool other = false;
  stream = *TcpStream::connect(loop, listener.endpoint(), std::nullopt, [&](const auto& event) {
    if (std::holds_alternative<Connected>(event)) {
      stream->start_tls(*context, "www.example.com", true);
    } else {
      other = true;
    }
  });
  const Handle deadline = loop.at(loop.now() + 50ms, [&] {
    stream.reset();
    loop.stop();
  });
  REQUIRE(run(loop));
  CHECK_FALSE(other);
}

TEST_CASE("TLS may start in the middle of a conversation") {
  Pki pki;
  Listener listener;
  const auto server = server_context(make_identity("DNS:www.example.com", 10, &pki.ca));
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    transmit(connection.get(), "220 ready\r\n");
    const Session session = accept_tls(server, connection.get());
    if (session) {
      SSL_write(session.get(), "secret", 6);
    }
  });
  UvLoop loop;
  TlsContexts contexts;
  const auto context = contexts.get(pki.trusting());
  REQUIRE(context);
  std::string text;
  bool secured = false;
  std::unique_ptr<TcpStream> stream;
  stream = *TcpStream::connect(loop, listener.endpoint(), std::nullopt, [&](const auto& event) {
    if (const auto* received = std::get_if<Received>(&event)) {
      text += to_text(received->bytes);
      if (!secured) {
        stream->start_tls(*context, "www.example.com", true);
      }
    } else if (std::holds_alternative<Secured>(event)) {
      secured = true;
    } else if (std::holds_alternative<Closed>(event)) {
      loop.stop();
    }
  });
  REQUIRE(run(loop));
  CHECK(text == "220 ready\r\nsecret");
}

TEST_CASE("contexts are built once per settings, and name the file that is wrong") {
  Pki pki;
  TlsContexts contexts;
  const auto first = contexts.get(pki.trusting());
  REQUIRE(first);
  const auto again = contexts.get(pki.trusting());
  CHECK(*first == *again);
  const auto missing = contexts.get({.ca_file = "/nonexistent/ca.pem"});
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error(), ContainsSubstring("/nonexistent/ca.pem: No such file"));
  std::ofstream(pki.directory / "junk.pem") << "no certificate\n";
  const auto junk = contexts.get({.ca_file = pki.directory / "junk.pem"});
  REQUIRE_FALSE(junk);
  CHECK_THAT(junk.error(), ContainsSubstring("no usable CA certificate"));
  const Identity one = make_identity("DNS:a.example", 10, &pki.ca);
  const Identity two = make_identity("DNS:b.example", 10, &pki.ca);
  write_pem(one.certificate, pki.directory / "one.pem");
  write_pem(two.key, pki.directory / "two.key");
  const auto mixed = contexts.get({.verify = false,
                                   .cert_file = pki.directory / "one.pem",
                                   .key_file = pki.directory / "two.key"});
  REQUIRE_FALSE(mixed);
  CHECK_THAT(mixed.error(), ContainsSubstring("does not belong"));

  std::filesystem::remove(pki.directory / "ca.pem");
  contexts.renew();
  CHECK(*contexts.get(pki.trusting()) == *first);
  write_pem(pki.ca.certificate, pki.directory / "ca.pem");
  write_pem(pki.ca.certificate, pki.directory / "junk.pem");
  contexts.renew();
  CHECK(*contexts.get(pki.trusting()) != *first);
  CHECK(contexts.get({.ca_file = pki.directory / "junk.pem"}));
}

TEST_CASE("a file that only a descriptor was missing for is read as soon as there is one") {
  Pki pki;
  const Identity client = make_identity("DNS:a.example", 10, &pki.ca);
  write_pem(client.certificate, pki.directory / "client.pem");
  write_pem(client.key, pki.directory / "client.key");
  TlsSettings settings;  // the system's store
  SECTION("of the system") {
    ::unsetenv("SSL_CERT_DIR");  // a directory is read in handshakes only
    if (!std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt")) {
      FAIL("install ca-certificates");
    }
  }
  SECTION("our own") {
    settings = pki.trusting();
  }
  SECTION("a client certificate") {
    settings = {.verify = false,
                .cert_file = pki.directory / "client.pem",
                .key_file = pki.directory / "client.key"};
  }
  TlsContexts contexts;
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &old) == 0);
  rlimit none = old;
  none.rlim_cur = 3;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto refused = contexts.get(settings);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &old) == 0);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), ContainsSubstring("oo many open files"));
  const auto had = contexts.get(settings);
  CHECK((had ? std::string() : had.error()) == "");
}
