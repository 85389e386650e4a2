#include "tests/integration/dnsupdate/meddling_table.hpp"

#include <chrono>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "net/random.hpp"
#include "net/tcp_stream.hpp"
#include "tests/integration/dnsupdate/meddling.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/dig.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

// A connection of its own for each question: the copies of one may overtake each other.
class RealServer final : public Honest {
 public:
  RealServer(net::Loop& loop, net::Endpoint server) : loop_(loop), server_(std::move(server)) {}
  void ask(const Bytes& question, OnReply on_reply) override {
    Call& call = calls_.emplace_back();
    auto stream = net::TcpStream::connect(
        loop_, server_, std::nullopt,
        [&call, question, on_reply = std::move(on_reply)](const net::StreamEvent& event) {
          if (std::holds_alternative<net::Connected>(event)) {
            call.stream->send(frame(question));
          } else if (const auto* received = std::get_if<net::Received>(&event)) {
            call.frames.append(received->bytes);
            if (const auto reply = call.frames.next()) {
              on_reply(*reply);
              // named takes 150 connections, PowerDNS 20.
              call.stream.reset();
            }
          }
        });
    call.stream = std::move(stream).value();
  }
  Strings holds(const std::string& owner) override {
    return dig(server_.ip.to_string(), server_.port, owner, "A");
  }

 private:
  struct Call {
    std::unique_ptr<net::TcpStream> stream{};
    FrameReader frames{};
  };
  net::Loop& loop_;
  net::Endpoint server_;
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
    // Once: what went out over a connection that broke is never repeated by itself.
    CHECK(player.relay->meddled() == 1);
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

}  // namespace

std::unique_ptr<Honest> real_server(net::Loop& loop, net::Endpoint server) {
  return std::make_unique<RealServer>(loop, std::move(server));
}

void play_meddling(net::UvLoop& loop, Honest& honest, TsigKeyPtr key, Transport transport) {
  Table(loop, honest, std::move(key), transport).play();
}

}  // namespace ronda::test
