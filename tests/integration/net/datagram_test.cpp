#include "net/datagram.hpp"

#include <cerrno>

#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

TEST_CASE("a datagram goes there and its answer comes back, from no one else") {
  UvLoop loop;
  Listener peer(SOCK_DGRAM);
  Listener stranger(SOCK_DGRAM);
  std::string text;
  auto socket = Datagram::connect(loop, peer.endpoint(), std::nullopt, [&](const auto& event) {
    text = to_text(std::get<0>(event));
    loop.stop();
  });
  REQUIRE(socket);
  REQUIRE_FALSE((*socket)->send(to_bytes("question")));
  char buffer[100];
  SocketAddress from;
  socklen_t length = from.storage.size();
  auto* address = reinterpret_cast<sockaddr*>(from.storage.data());
  REQUIRE(::recvfrom(peer.get(), buffer, sizeof(buffer), 0, address, &length) == 8);
  CHECK(::sendto(stranger.get(), "lie", 3, 0, address, length) == 3);
  CHECK(::sendto(peer.get(), "answer", 6, 0, address, length) == 6);
  REQUIRE(run(loop));
  CHECK(text == "answer");
}

TEST_CASE("an ICMP refusal is a fault of theirs, and the socket may go at once") {
  UvLoop loop;
  Listener peer(SOCK_DGRAM);
  const Endpoint nobody = peer.endpoint();
  peer.close();
  std::optional<Fault> fault;
  std::unique_ptr<Datagram> socket;
  auto connected = Datagram::connect(loop, nobody, std::nullopt, [&](const auto& event) {
    fault = std::get<Fault>(event);
    socket.reset();
    loop.stop();
  });
  REQUIRE(connected);
  socket = std::move(*connected);
  REQUIRE_FALSE(socket->send(to_bytes("anyone?")));
  REQUIRE(run(loop));
  REQUIRE(fault);
  CHECK(fault->error == ECONNREFUSED);
  CHECK(fault->origin == Origin::theirs);
}

TEST_CASE("a socket that was refused once still hears a later answer") {
  UvLoop loop;
  Listener first(SOCK_DGRAM);
  const Endpoint endpoint = first.endpoint();
  first.close();
  int faults = 0;
  std::string text;
  auto socket = Datagram::connect(loop, endpoint, std::nullopt, [&](const auto& event) {
    if (std::holds_alternative<Fault>(event)) {
      ++faults;
    } else {
      text = to_text(std::get<0>(event));
    }
    loop.stop();
  });
  REQUIRE(socket);
  REQUIRE_FALSE((*socket)->send(to_bytes("anyone?")));
  REQUIRE(run(loop));
  const Descriptor late(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress there = to_socket_address(endpoint);
  REQUIRE(::bind(late.get(), there.get(), there.length) == 0);
  REQUIRE_FALSE((*socket)->send(to_bytes("again")));
  char buffer[100];
  SocketAddress from;
  socklen_t length = from.storage.size();
  auto* address = reinterpret_cast<sockaddr*>(from.storage.data());
  REQUIRE(::recvfrom(late.get(), buffer, sizeof(buffer), 0, address, &length) == 5);
  REQUIRE(::sendto(late.get(), "here", 4, 0, address, length) == 4);
  REQUIRE(run(loop));
  CHECK(faults == 1);
  CHECK(text == "here");
}
