// Every row of the table between our client and an honest server, once played by the server itself
// and once by a relay in front of a real named: what is reported is what the server holds.
#include "tests/integration/dnsupdate/meddling.hpp"

#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "dnsupdate/wire/tsig.hpp"
#include "net/tcp_stream.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/fake_primary.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

// Who carries out what gets through: one octet string in, the signed answer out.
class Honest {
 public:
  using OnReply = std::function<void(const Bytes&)>;
  virtual ~Honest() = default;
  virtual void ask(const Bytes& question, OnReply on_reply) = 0;
  virtual Strings holds(const std::string& owner) = 0;
};

Bytes mac_of(const Bytes& question) {
  const std::string rdata = read_message(question).value().additional.back().rdata;
  const std::size_t start = algorithm_name(TsigAlgorithm::hmac_sha256).wire().size() + 10;
  Bytes mac;
  for (std::size_t i = start; i < start + 32; ++i) {
    mac.push_back(static_cast<std::byte>(rdata[i]));
  }
  return mac;
}

class InMemory final : public Honest {
 public:
  explicit InMemory(TsigKeyPtr key) : key_(std::move(key)) {}
  void ask(const Bytes& question, OnReply on_reply) override {
    const Message answer = primary_.answer(read_message(question).value()).message;
    on_reply(tsig_sign(write_message(answer).value(), *key_, std::chrono::system_clock::now(),
                       mac_of(question))
                 .octets);
  }
  Strings holds(const std::string& owner) override {
    return primary_.committed(key_of(owner)).to_strings();
  }

 private:
  TsigKeyPtr key_;
  FakePrimary primary_{name("example.com")};
};

// A connection of its own for each question: the copies of one may overtake each other.
class RealNamed final : public Honest {
 public:
  RealNamed(net::Loop& loop, const Named& named) : loop_(loop), named_(named) {}
  void ask(const Bytes& question, OnReply on_reply) override {
    Call& call = calls_.emplace_back();
    const net::Endpoint server{net::IpAddress::parse(named_.address()).value(), named_.port()};
    auto stream = net::TcpStream::connect(
        loop_, server, std::nullopt,
        [&call, question, on_reply = std::move(on_reply)](const net::StreamEvent& event) {
          if (std::holds_alternative<net::Connected>(event)) {
            call.stream->send(frame(question));
          } else if (const auto* received = std::get_if<net::Received>(&event)) {
            call.frames.append(received->bytes);
            if (const auto reply = call.frames.next()) {
              on_reply(*reply);
              // named takes 150 connections.
              call.stream.reset();
            }
          }
        });
    call.stream = std::move(stream).value();
  }
  Strings holds(const std::string& owner) override { return named_.lookup(owner); }

 private:
  struct Call {
    std::unique_ptr<net::TcpStream> stream{};
    FrameReader frames{};
  };
  net::Loop& loop_;
  const Named& named_;
  std::list<Call> calls_{};
};

// One row: a relay on the client's way to the honest server. The first UPDATE passes untouched and
// is remembered; from then on UPDATEs are meddled with, and reads are not.
class Relay {
 public:
  Relay(net::Loop& loop, Honest& honest, const Meddling& row)
      : honest_(honest),
        row_(row),
        server_(loop, ScriptedServer::SlowScript(
                          [this](const Bytes& question, ScriptedServer::Perform perform) {
                            relay(question, std::move(perform));
                          })) {}

  net::Endpoint endpoint() const { return loopback(server_.port()); }
  int meddled() const { return meddled_; }

 private:
  void relay(const Bytes& question, ScriptedServer::Perform perform) {
    const bool update = read_message(question).value().header.opcode == Opcode::UPDATE;
    if (!update || earlier_.empty()) {
      honest_.ask(question, [this, update, perform](const Bytes& reply) {
        if (update) {
          earlier_ = reply;
        }
        perform({.messages = {reply}});
      });
      return;
    }
    ++meddled_;
    if (row_.copies == 0) {
      perform(row_.deliver({.question = question, .reply = {}, .earlier = earlier_}));
      return;
    }
    const auto delivered = std::make_shared<bool>(false);
    for (int i = 0; i < row_.copies; ++i) {
      honest_.ask(question, [this, question, perform, delivered](const Bytes& reply) {
        if (!std::exchange(*delivered, true)) {
          perform(row_.deliver({.question = question, .reply = reply, .earlier = earlier_}));
        }
      });
    }
  }

  Honest& honest_;
  const Meddling& row_;
  Bytes earlier_{};
  int meddled_ = 0;
  ScriptedServer server_;
};

struct Player {
  std::string owner{};
  std::unique_ptr<Relay> relay{};
  std::unique_ptr<Client> client{};
  net::Handle work{};
  std::optional<UpdateReport> report{};
  std::optional<ReadResult> settled{};
};

class Table {
 public:
  Table(net::UvLoop& loop, Honest& honest, TsigKeyPtr key, Transport transport)
      : loop_(loop), honest_(honest), key_(std::move(key)), transport_(transport) {}

  void play() {
    const Ways excluded = transport_ == Transport::udp ? Ways::stream : Ways::datagram;
    for (const Meddling& row : rows_) {
      const std::string_view what = row.what;
      if (what.starts_with("ICMP") && row.ways != excluded && !may_forge_icmp()) {
        WARN("NOT TESTED, because only root may forge ICMP: " << what);
      } else if (row.ways != excluded) {
        begin(row);
      }
    }
    const net::Handle limit =
        loop_.at(loop_.now() + std::chrono::seconds(60), [&] { loop_.stop(); });
    loop_.run();
    for (auto& [row, player] : players_) {
      INFO(row->what);
      REQUIRE(player.settled);
      check(*row, player);
      player.work.reset();
      player.client.reset();
      player.relay.reset();
    }
  }

 private:
  void begin(const Meddling& row) {
    Player& player = players_.emplace_back(&row, Player{}).second;
    ++missing_;
    player.owner = "row" + std::to_string(missing_) + ".example.com";
    player.relay = std::make_unique<Relay>(loop_, honest_, row);
    player.client = std::make_unique<Client>(loop_, random_,
                                             ClientSettings{.zone = name("example.com"),
                                                            .servers = {player.relay->endpoint()},
                                                            .key = key_,
                                                            .transport = transport_,
                                                            .timeout = kTimeout});
    player.work =
        player.client->update({change(rrset("warm-" + player.owner, {}), {"192.0.2.200"})},
                              [this, &player](const UpdateReport& warm) {
                                CHECK(warm.rrsets[0].outcome.kind == OutcomeKind::applied);
                                next(player, [this, &player] { meddle(player); });
                              });
  }

  // From a turn of its own: the work that calls back must outlive its call.
  void next(Player& player, std::function<void()> what) {
    player.work = loop_.at(loop_.now(), [what = std::move(what)] {
      const auto act = what;
      act();
    });
  }

  void meddle(Player& player) {
    player.work = player.client->update({change(rrset(player.owner, {}), {"192.0.2.1"})},
                                        [this, &player](UpdateReport report) {
                                          player.report = std::move(report);
                                          next(player, [this, &player] { settle(player); });
                                        });
  }

  void settle(Player& player) {
    player.work = player.client->read({key_of(player.owner)},
                                      [this, &player](const std::vector<ReadResult>& results) {
                                        player.settled = results.front();
                                        if (--missing_ == 0) {
                                          loop_.stop();
                                        }
                                      });
  }

  void check(const Meddling& row, const Player& player) {
    const Outcome& outcome = player.report->rrsets[0].outcome;
    INFO(to_string(outcome.kind) << ": " << outcome.detail);
    const bool done = honest_.holds(player.owner) == Strings{"192.0.2.1"};
    CHECK(player.relay->meddled() > 0);
    CHECK(done == (row.copies > 0));
    // Carried out: the read-back settles it. Lost: it may still be on its way. Of two copies the
    // second is told that the prerequisites fail, and its answer may come first: all is as wanted.
    const bool says_not =
        outcome.kind == OutcomeKind::unknown || outcome.kind == OutcomeKind::rejected;
    const bool says_done = outcome.kind == OutcomeKind::applied ||
                           (row.copies > 1 && outcome.kind == OutcomeKind::unchanged);
    CHECK((done ? says_done : says_not));
    REQUIRE(*player.settled);
    CHECK((**player.settled).empty() != done);
  }

  static constexpr net::Duration kTimeout = std::chrono::seconds(3);
  net::UvLoop& loop_;
  net::SystemRandom random_{};
  Honest& honest_;
  TsigKeyPtr key_;
  Transport transport_;
  const std::vector<Meddling> rows_ = all_meddling();
  std::list<std::pair<const Meddling*, Player>> players_{};
  std::size_t missing_ = 0;
};

TsigKeyPtr make_key() {
  auto key = std::make_shared<TsigKey>();
  key->name = name("ronda");
  key->secret = net::Secret(std::vector<std::byte>(32, std::byte{7}));
  return key;
}

void play_in_memory(Transport transport) {
  net::UvLoop loop;
  const TsigKeyPtr key = make_key();
  InMemory honest(key);
  Table(loop, honest, key, transport).play();
}

void play_before_named(Transport transport) {
  const Named named;
  net::UvLoop loop;
  RealNamed honest(loop, named);
  Table(loop, honest, load_key(named.key_path()), transport).play();
}

TEST_CASE("a hostile server over TCP: every row ends in the truth") {
  play_in_memory(Transport::tcp);
}
TEST_CASE("a hostile server over UDP: every row ends in the truth") {
  play_in_memory(Transport::udp);
}
TEST_CASE("a hostile proxy before a real named over TCP: every row ends in the truth") {
  play_before_named(Transport::tcp);
}
TEST_CASE("a hostile proxy before a real named over UDP: every row ends in the truth") {
  play_before_named(Transport::udp);
}

}  // namespace
}  // namespace ronda::test
