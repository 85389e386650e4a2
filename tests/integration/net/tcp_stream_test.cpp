#include "net/tcp_stream.hpp"

#include <atomic>
#include <cerrno>
#include <thread>

#include <sys/resource.h>

#include "tests/integration/net/listener.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace ronda::test;
using namespace std::chrono_literals;

namespace {

// Keeps what happened, and stops the loop at the end of the connection.
struct Recorder {
  explicit Recorder(UvLoop& l) : loop(l) {}
  void operator()(const StreamEvent& event) {
    if (std::holds_alternative<Connected>(event)) {
      connected = true;
      if (on_connected) {
        on_connected();
      }
    } else if (const auto* received = std::get_if<Received>(&event)) {
      text += to_text(received->bytes);
      if (on_received) {
        on_received();
      }
    } else if (std::holds_alternative<Closed>(event)) {
      closed = true;
      loop.stop();
    } else if (const auto* found = std::get_if<Fault>(&event)) {
      fault = *found;
      loop.stop();
    }
  }
  UvLoop& loop;
  std::function<void()> on_connected{};
  std::function<void()> on_received{};
  bool connected = false;
  bool closed = false;
  std::string text{};
  std::optional<Fault> fault{};
};

TcpStream::OnEvent report_to(Recorder& recorder) {
  return [&recorder](const StreamEvent& event) { recorder(event); };
}

}  // namespace

TEST_CASE("a stream sends, receives and sees the peer close") {
  UvLoop loop;
  Listener listener;
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    transmit(connection.get(), "echo " + receive(connection.get()));
  });
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, listener.endpoint(), std::nullopt, report_to(recorder));
  REQUIRE(stream);
  CHECK_FALSE(recorder.connected);
  recorder.on_connected = [&] { (*stream)->send(to_bytes("hello")); };
  REQUIRE(run(loop));
  CHECK(recorder.connected);
  CHECK(recorder.closed);
  CHECK(recorder.text == "echo hello");
  CHECK((*stream)->local().ip == loopback().ip);
}

TEST_CASE("a refused connection is theirs") {
  UvLoop loop;
  Listener listener;
  const Endpoint nobody = listener.endpoint();
  listener.close();
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, nobody, std::nullopt, report_to(recorder));
  REQUIRE(stream);
  REQUIRE(run(loop));
  CHECK(recorder.fault ==
        Fault{Phase::connect, ECONNREFUSED, Origin::theirs, "connection refused"});
}

TEST_CASE("the source address is used, and one we do not have is our own fault") {
  UvLoop loop;
  Listener listener;
  Recorder recorder(loop);
  SECTION("ours") {
    const auto source = IpAddress::parse("127.0.0.77");
    auto stream = TcpStream::connect(loop, listener.endpoint(), source, report_to(recorder));
    REQUIRE(stream);
    recorder.on_connected = [&] { loop.stop(); };
    REQUIRE(run(loop));
    CHECK((*stream)->local().ip == *source);
  }
  SECTION("not ours") {
    const auto stream = TcpStream::connect(loop, listener.endpoint(), IpAddress::parse("192.0.2.1"),
                                           report_to(recorder));
    REQUIRE_FALSE(stream);
    CHECK(stream.error().origin == Origin::ours);
    CHECK(stream.error().error == EADDRNOTAVAIL);
    CHECK_THAT(stream.error().text, ContainsSubstring("192.0.2.1"));
  }
  SECTION("of the other family") {
    const auto stream =
        TcpStream::connect(loop, listener.endpoint(), IpAddress::parse("::1"), report_to(recorder));
    REQUIRE_FALSE(stream);
    CHECK(stream.error().origin == Origin::ours);
  }
}

TEST_CASE("running out of descriptors is our own fault") {
  UvLoop loop;
  Listener listener;
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &old) == 0);
  rlimit none = old;
  none.rlim_cur = 3;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto stream =
      TcpStream::connect(loop, listener.endpoint(), std::nullopt, [](const StreamEvent&) {});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &old) == 0);
  REQUIRE_FALSE(stream);
  CHECK(stream.error().phase == Phase::open);
  CHECK(stream.error().origin == Origin::ours);
  CHECK(stream.error().error == EMFILE);
}

TEST_CASE("a megabyte of bytes arrives whole while the peer reads slowly") {
  UvLoop loop;
  Listener listener;
  std::size_t arrived = 0;
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    const std::size_t wanted = 1'000'000;
    while (arrived < wanted) {
      const std::string part = receive(connection.get());
      if (part.empty()) {
        return;
      }
      arrived += part.size();
    }
  });
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, listener.endpoint(), std::nullopt, report_to(recorder));
  REQUIRE(stream);
  const std::string large(1'000'000, 'a');
  (*stream)->send(to_bytes(large));  // before Connected: queued
  REQUIRE(run(loop));
  peer.join();
  CHECK(recorder.closed);
  CHECK(arrived == large.size());
}

TEST_CASE("more than a mebibyte unsent is a fault, reported by the loop and not inside send()") {
  UvLoop loop;
  Listener listener;
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, listener.endpoint(), std::nullopt, report_to(recorder));
  REQUIRE(stream);
  const std::string large((1 << 20) + 1, 'a');
  (*stream)->send(to_bytes(large));
  CHECK_FALSE(recorder.fault);
  REQUIRE(run(loop));
  REQUIRE(recorder.fault);
  CHECK(recorder.fault->origin == Origin::ours);
  CHECK(recorder.fault->phase == Phase::send);
}

TEST_CASE("a stream may be dropped from inside each of its events") {
  UvLoop loop;
  Listener listener;
  std::unique_ptr<TcpStream> stream;
  const std::string payload(100, 'x');
  const auto drop = [&, payload](auto wanted) {
    return [&, payload, wanted](const StreamEvent& event) {
      if (event.index() == wanted) {
        stream.reset();
        CHECK(payload.size() == 100);
        loop.stop();
      }
    };
  };
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    transmit(connection.get(), "220 hello\r\n");
  });
  const std::size_t wanted = GENERATE(0U, 2U, 3U);  // Connected, Received, Closed
  stream = *TcpStream::connect(loop, listener.endpoint(), std::nullopt, drop(wanted));
  CHECK(run(loop));
  CHECK(stream == nullptr);
}

TEST_CASE("what the peer said before it hung up is heard before the failed write is reported") {
  UvLoop loop;
  Listener listener;
  Descriptor connection;
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, listener.endpoint(), std::nullopt, report_to(recorder));
  REQUIRE(stream);
  recorder.on_connected = [&] {
    connection = listener.accept();
    transmit(connection.get(), "421 busy\r\n");
    connection.reset();
    (*stream)->send(to_bytes("EHLO\r\n"));
    (*stream)->send(to_bytes("QUIT\r\n"));
  };
  REQUIRE(run(loop));
  CHECK(recorder.text == "421 busy\r\n");
}

TEST_CASE("a peer that sends without end does not hold the loop") {
  UvLoop loop;
  Listener listener;
  std::atomic<bool> over = false;
  std::jthread peer([&] {
    const Descriptor connection = listener.accept();
    const std::string block(65536, 'z');
    while (!over) {
      transmit(connection.get(), block);
    }
  });
  Recorder recorder(loop);
  auto stream = TcpStream::connect(loop, listener.endpoint(), std::nullopt, report_to(recorder));
  REQUIRE(stream);
  recorder.on_received = [&] { recorder.text.clear(); };
  const Handle timer = loop.at(loop.now() + 50ms, [&] { loop.stop(); });
  CHECK(run(loop));
  over = true;
  stream->reset();
}
