#include "net/relay.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace ronda::test;

namespace {

constexpr std::size_t kPortion = 16384;
constexpr std::size_t kNoLimit = std::size_t{1} << 30U;

Descriptor connect_to(Relay& relay) {
  Descriptor end(relay.take_end());
  REQUIRE(::connect(end.get(), relay.address().get(), relay.address().length) == 0);
  return end;
}

// Reads as libcurl does: until nothing is left. Stops the loop at the end.
struct GreedyReader {
  GreedyReader(UvLoop& l, Relay& relay) : loop(l), end(connect_to(relay)) {
    watch = loop.watch(end.get(), [this](Interest) { read(); });
    watch->want(Interest::read);
  }
  void read() {
    std::size_t at_once = 0;
    char buffer[4096];
    while (true) {
      const ssize_t length = ::recv(end.get(), buffer, sizeof(buffer), 0);
      if (length <= 0) {
        if (length == 0) {
          watch.reset();
          loop.stop();
        }
        break;
      }
      at_once += static_cast<std::size_t>(length);
      text.append(buffer, static_cast<std::size_t>(length));
    }
    most_at_once = std::max(most_at_once, at_once);
  }
  UvLoop& loop;
  Descriptor end;
  std::unique_ptr<Watch> watch{};
  std::string text{};
  std::size_t most_at_once = 0;
};

}  // namespace

TEST_CASE("a relay hands on what both say, and the end") {
  UvLoop loop;
  const Listener listener;
  std::string heard;
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    heard = receive(connection.get());
    transmit(connection.get(), "answer");
  });
  auto relay = Relay::open(loop, listener.endpoint(), std::nullopt, kNoLimit);
  REQUIRE(relay.has_value());
  GreedyReader reader(loop, **relay);
  // Before the connection stands: it waits.
  transmit(reader.end.get(), "question");
  CHECK(run(loop));
  peer.join();
  CHECK(heard == "question");
  CHECK(reader.text == "answer");
  CHECK((*relay)->connected_at().has_value());
  CHECK_FALSE((*relay)->fault().has_value());
}

TEST_CASE("a relay hands on one portion in a turn, however much comes") {
  UvLoop loop;
  const Listener listener;
  const std::string flood(std::size_t{4} << 20U, 'x');
  std::jthread peer([&] { transmit(listener.accept().get(), flood); });
  auto relay = Relay::open(loop, listener.endpoint(), std::nullopt, kNoLimit);
  REQUIRE(relay.has_value());
  GreedyReader reader(loop, **relay);
  CHECK(run(loop));
  CHECK(reader.text == flood);
  // The next one may be there before the reader's turn comes.
  CHECK(reader.most_at_once <= 2 * kPortion);
}

TEST_CASE("a relay cuts off a peer that sends more than was agreed") {
  UvLoop loop;
  const Listener listener;
  std::jthread peer(
      [&] { transmit(listener.accept().get(), std::string(std::size_t{4} << 20U, 'x')); });
  auto relay = Relay::open(loop, listener.endpoint(), std::nullopt, 100'000);
  REQUIRE(relay.has_value());
  GreedyReader reader(loop, **relay);
  CHECK(run(loop));
  CHECK(reader.text.size() == 100'000);
  CHECK((*relay)->overflowed());
  relay->reset();  // or the peer waits to get rid of the rest
}

TEST_CASE("a relay whose peer does not take the connection ends and says why") {
  UvLoop loop;
  Listener listener;
  listener.close();
  auto relay = Relay::open(loop, listener.endpoint(), std::nullopt, kNoLimit);
  REQUIRE(relay.has_value());
  GreedyReader reader(loop, **relay);
  CHECK(run(loop));
  CHECK_FALSE((*relay)->connected_at().has_value());
  REQUIRE((*relay)->fault().has_value());
  CHECK((*relay)->fault()->error == ECONNREFUSED);
  CHECK((*relay)->fault()->origin == Origin::theirs);
}

TEST_CASE("a relay that is dropped still hands on the last words") {
  UvLoop loop;
  const Listener listener;
  std::string heard;
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    transmit(connection.get(), "answer");
    heard = receive(connection.get());
  });
  auto relay = Relay::open(loop, listener.endpoint(), std::nullopt, kNoLimit);
  REQUIRE(relay.has_value());
  {
    const Descriptor end = connect_to(**relay);
    const auto watch = loop.watch(end.get(), [&](Interest) { loop.stop(); });
    watch->want(Interest::read);
    CHECK(run(loop));
    transmit(end.get(), "goodbye");
  }
  relay->reset();
  peer.join();
  CHECK(heard == "goodbye");
}
