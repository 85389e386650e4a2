// A handle that is dropped in the middle of its work, at every question the work asks and in the
// pauses between them: nobody is called back, nothing is kept, and the client goes on with the
// rest.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dnsupdate/io/server_quota.hpp"
#include "dnsupdate/wire/tsig.hpp"
#include "net/tcp_stream.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/fake_primary.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;
using std::chrono::milliseconds;

constexpr std::size_t kPlaces = 4;
const RrSet kTwo = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});

TsigKeyPtr make_key() {
  auto key = std::make_shared<TsigKey>();
  key->name = name("ronda");
  key->secret = net::Secret(std::vector<std::byte>(32, std::byte{7}));
  return key;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

bool all_places_free(const std::shared_ptr<ServerQuota>& quota, const net::Endpoint& server) {
  std::vector<ServerQuota::Place> places;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    places.push_back(quota->take(server));
  }
  return std::ranges::all_of(places, [](const auto& place) { return place != nullptr; });
}

// What the callback holds on to: gone when the callback is.
struct Witness {
  std::shared_ptr<int> calls = std::make_shared<int>(0);
  std::weak_ptr<int> held{};

  std::function<void(const UpdateReport&)> callback() {
    auto kept = std::make_shared<int>(0);
    held = kept;
    return [kept, calls = calls](const UpdateReport&) { ++*calls; };
  }
};

// Holds the answer to one question back, and with it the moment to drop.
class Primary {
 public:
  Primary(net::Loop& loop, TsigKeyPtr key)
      : key_(std::move(key)),
        server_(loop, ScriptedServer::SlowScript(
                          [this](const Bytes& question, ScriptedServer::Perform perform) {
                            take(question, std::move(perform));
                          })) {
    zone_.put(kTwo);
  }

  // Committed and never shown: the work asks, polls and nudges for as long as it may.
  void hide_changes() {
    zone_.publishes_at_once = false;
    zone_.has_dnssec_keys = true;
  }
  void on_question(int number, std::function<void()> act) {
    moment_ = number;
    act_ = std::move(act);
  }
  void hold_back(bool yes) { holds_back_ = yes; }
  void let_go() {
    if (held_) {
      std::exchange(held_, {})();
    }
  }
  net::Endpoint endpoint() const { return loopback(server_.port()); }

 private:
  void take(const Bytes& question, ScriptedServer::Perform perform) {
    ++asked_;
    const Message answer = zone_.answer(read_message(question).value()).message;
    const std::string tsig = read_message(question).value().additional.back().rdata;
    const std::size_t start = algorithm_name(TsigAlgorithm::hmac_sha256).wire().size() + 10;
    const auto mac = std::as_bytes(std::span(tsig).subspan(start, 32));
    const Bytes reply = tsig_sign(write_message(answer).value(), *key_,
                                  std::chrono::system_clock::now(), Bytes(mac.begin(), mac.end()))
                            .octets;
    if (asked_ == moment_ && holds_back_) {
      held_ = [perform, reply] { perform({.messages = {reply}}); };
    } else {
      perform({.messages = {reply}});
    }
    if (asked_ == moment_) {
      act_();
    }
  }

  TsigKeyPtr key_;
  FakePrimary zone_{name("example.com")};
  int asked_ = 0;
  int moment_ = 0;
  bool holds_back_ = false;
  std::function<void()> act_{};
  std::function<void()> held_{};
  ScriptedServer server_;
};

struct Moment {
  Transport transport;
  int question;    // the first is the UPDATE, then the read-back, then doubts and polls
  bool held_back;  // dropped while it waits for this answer; else just after it was sent
};

void drop_at(const Moment& moment) {
  INFO((moment.transport == Transport::udp ? "UDP" : "TCP")
       << ", question " << moment.question << (moment.held_back ? ", its answer held back" : ""));
  net::UvLoop loop;
  net::SystemRandom random;
  const TsigKeyPtr key = make_key();
  const auto quota = std::make_shared<ServerQuota>(kPlaces);
  Primary primary(loop, key);
  primary.hide_changes();
  primary.hold_back(moment.held_back);
  const std::size_t before = open_descriptors();
  auto client = std::make_unique<Client>(loop, random,
                                         ClientSettings{.zone = name("example.com"),
                                                        .servers = {primary.endpoint()},
                                                        .key = key,
                                                        .transport = moment.transport,
                                                        .quota = quota});
  Witness witness;
  net::Handle work = client->update({change(kTwo, {"192.0.2.1"})}, witness.callback());
  net::Handle drop;
  bool dropped = false;
  std::optional<std::vector<ReadResult>> others;
  net::Handle other;
  primary.on_question(moment.question, [&] {
    // In a turn of its own, as an owner would.
    drop = loop.at(loop.now(), [&] {
      work.reset();
      dropped = true;
      CHECK(witness.held.expired());
      CHECK(all_places_free(quota, primary.endpoint()));
      primary.let_go();
      other =
          client->read({key_of("www.example.com"), key_of("none.example.com")}, [&](auto results) {
            others = std::move(results);
            loop.stop();
          });
    });
  });
  const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(20), [&] { loop.stop(); });
  loop.run();
  REQUIRE(dropped);
  REQUIRE(others);
  CHECK((*others)[0]);
  CHECK((*others)[1]);
  CHECK(*witness.calls == 0);
  CHECK(all_places_free(quota, primary.endpoint()));
  other.reset();
  client.reset();
  // What the client had open, it has closed; the server may still hold its ends of the connections.
  const std::size_t ends = moment.transport == Transport::udp ? 0 : 2;
  CHECK(open_descriptors() <= before + ends);
}

TEST_CASE("a handle is dropped at any question of its work, or in the pause after it") {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    for (int question = 1; question <= 9; ++question) {
      drop_at({.transport = transport, .question = question, .held_back = true});
      drop_at({.transport = transport, .question = question, .held_back = false});
    }
  }
}

TEST_CASE("a handle is dropped while the connection is still being made") {
  // A queue of one that nobody empties: further connections are neither taken nor refused.
  const Listener full;
  REQUIRE(::listen(full.get(), 0) == 0);
  net::UvLoop loop;
  net::SystemRandom random;
  std::vector<std::unique_ptr<net::TcpStream>> fillers;
  for (int i = 0; i < 3; ++i) {
    fillers.push_back(
        net::TcpStream::connect(loop, full.endpoint(), {}, [](const auto&) {}).value());
  }
  const auto quota = std::make_shared<ServerQuota>(kPlaces);
  const std::size_t before = open_descriptors();
  auto client = std::make_unique<Client>(loop, random,
                                         ClientSettings{.zone = name("example.com"),
                                                        .servers = {full.endpoint()},
                                                        .key = make_key(),
                                                        .timeout = milliseconds(300),
                                                        .quota = quota});
  Witness witness;
  net::Handle work = client->update({change(kTwo, {"192.0.2.1"})}, witness.callback());
  const net::Handle drop = loop.at(loop.now() + milliseconds(50), [&] {
    CHECK_FALSE(witness.held.expired());
    work.reset();
    CHECK(witness.held.expired());
    CHECK(all_places_free(quota, full.endpoint()));
  });
  // Past the deadline that the work had.
  const net::Handle end = loop.at(loop.now() + milliseconds(500), [&] { loop.stop(); });
  loop.run();
  CHECK(*witness.calls == 0);
  client.reset();
  CHECK(open_descriptors() == before);
}

TEST_CASE("a handle is dropped while a real named sleeps: silent, and the update lands") {
  Named named({.zone_text = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
                            "www A 192.0.2.1\nwww A 192.0.2.2\n"});
  ClientFixture client(named.address(), named.port(), named.key_path());
  REQUIRE(client.read(key_of("www.example.com")));
  named.pause();
  Witness witness;
  net::Handle work = client.client().update({change(kTwo, {"192.0.2.1"})}, witness.callback());
  const net::Handle drop = client.loop().at(client.loop().now() + milliseconds(50), [&] {
    work.reset();
    client.loop().stop();
  });
  client.run();
  CHECK(witness.held.expired());
  named.resume();
  // Whoever reads finds the truth; the answer that came for nobody is no stranger's.
  RrSet found = client.read(key_of("www.example.com")).value();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (same_records(found, kTwo) && std::chrono::steady_clock::now() < end) {
    found = client.read(key_of("www.example.com")).value();
  }
  CHECK(found.to_strings() == Strings{"192.0.2.1"});
  CHECK(*witness.calls == 0);
  CHECK(named.update_count() == 1);
}

}  // namespace
}  // namespace ronda::test
