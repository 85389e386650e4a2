// A peer that says more in TLS's own messages than anybody needs: tickets, new keys, requests to
// negotiate anew. Each costs us a derivation of keys, and 64 KiB hold thousands.
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "net/tls_contexts.hpp"
#include "net/tls_session.hpp"
#include "tests/integration/net/certificates.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stopwatch.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kAtOnce = 65'536;  // what a stream hands over in one turn

std::string taken_from(BIO* bio, std::size_t most) {
  std::string bytes(std::min(BIO_ctrl_pending(bio), most), '\0');
  const int length = BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
  bytes.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return bytes;
}

// A session and its server in one thread, with what one says carried to the other.
struct Pair {
  explicit Pair(int version) {
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_max_proto_version(context.get(), version);
    server.reset(SSL_new(context.get()));
    BIO* heard = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(heard, -1);
    SSL_set_bio(server.get(), heard, BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server.get());
    while (!client.established()) {
      REQUIRE(client.handshake() != TlsSession::Status::failed);
      carry_to_server();
      SSL_do_handshake(server.get());
      carry_to_client();
    }
    carry_to_server();
    SSL_do_handshake(server.get());
  }

  void carry_to_server() {
    const std::vector<std::byte> bytes = client.take_output();
    BIO_write(SSL_get_rbio(server.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::size_t said() const { return BIO_ctrl_pending(SSL_get_wbio(server.get())); }
  std::size_t carry_to_client() {
    const std::string bytes = taken_from(SSL_get_wbio(server.get()), kAtOnce);
    client.feed(std::as_bytes(std::span(bytes)));
    return bytes.size();
  }
  void say(const std::string& text) {
    SSL_write(server.get(), text.data(), static_cast<int>(text.size()));
  }
  // All that is there now, or how it ended.
  std::string hear() {
    std::string text;
    std::array<std::byte, 16'384> buffer{};
    std::size_t length = 0;
    TlsSession::Status status = client.read(buffer, &length);
    for (; status == TlsSession::Status::done; status = client.read(buffer, &length)) {
      text.append(reinterpret_cast<const char*>(buffer.data()), length);
    }
    return status == TlsSession::Status::wants_bytes ? text : text + "(" + client.failure() + ")";
  }

  ServerContext context = server_context(make_identity("", 10, nullptr));
  TlsContexts contexts{};
  TlsSession client{*contexts.get({.verify = false}), "", false};
  Session server{nullptr, SSL_free};
};

void new_keys(SSL* server) {
  SSL_key_update(server, SSL_KEY_UPDATE_NOT_REQUESTED);
}

void both_new_keys(SSL* server) {
  SSL_key_update(server, SSL_KEY_UPDATE_REQUESTED);
}

void ticket(SSL* server) {
  SSL_new_session_ticket(server);
}

void hello_request(SSL* server) {
  SSL_renegotiate(server);
}

}  // namespace

TEST_CASE("a flood of TLS's own messages is the peer's fault, and holds nobody") {
  struct Flood {
    const char* name;
    void (*say)(SSL*);
    int version = TLS1_3_VERSION;
  };
  for (const Flood& flood :
       {Flood{"new keys", new_keys}, Flood{"both new keys", both_new_keys},
        Flood{"tickets", ticket}, Flood{"hello requests", hello_request, TLS1_2_VERSION}}) {
    CAPTURE(flood.name);
    Pair pair(flood.version);
    pair.say("hello");
    for (int count = 0; pair.said() < kAtOnce && count < 5000; ++count) {
      flood.say(pair.server.get());
      SSL_do_handshake(pair.server.get());
    }
    pair.carry_to_client();
    const Stopwatch stopwatch;
    CHECK(pair.hear() == "hello(too many TLS messages)");
    CHECK(stopwatch.elapsed() < 10ms);
    CHECK(pair.client.take_output().size() < 4096);  // nothing grows with the flood
  }
}

TEST_CASE("what servers say in TLS's own messages disturbs nobody") {
  Pair pair(TLS1_3_VERSION);
  std::string expected;
  for (int round = 0; round < 5; ++round) {
    for (const auto& say : {ticket, new_keys, ticket, both_new_keys}) {
      say(pair.server.get());
      SSL_do_handshake(pair.server.get());
    }
    pair.say("round " + std::to_string(round));
    expected += "round " + std::to_string(round);
  }
  pair.carry_to_client();
  CHECK(pair.hear() == expected);
  CHECK(pair.client.write(std::as_bytes(std::span(std::string_view("well")))));
  pair.carry_to_server();
  char answer[10];
  CHECK(SSL_read(pair.server.get(), answer, sizeof answer) == 4);
}
