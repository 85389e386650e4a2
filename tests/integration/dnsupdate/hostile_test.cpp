// Whatever a hostile or broken server sends, the outcome never claims more than the zone holds.
#include <functional>
#include <memory>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/scripted_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/update/fake_primary.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const RrSet kTwo = rrset("www.example.com", {"192.0.2.1", "192.0.2.2"});

TsigKeyPtr make_key(std::byte fill) {
  auto key = std::make_shared<TsigKey>();
  key->name = name("ronda");
  key->secret = net::Secret(std::vector<std::byte>(32, fill));
  return key;
}

net::WallTime wall_now() {
  return std::chrono::system_clock::now();
}

// A question as the server sees it, and what it could say to it.
struct Scene {
  FakePrimary& primary;
  const TsigKeyPtr& key;
  const Bytes& octets;
  Message question = read_message(octets).value();

  bool is_update() const { return question.header.opcode == Opcode::UPDATE; }
  Bytes request_mac() const {
    const std::string& rdata = question.additional.back().rdata;
    const std::size_t start = algorithm_name(TsigAlgorithm::hmac_sha256).wire().size() + 10;
    Bytes mac;
    for (std::size_t i = start; i < start + 32; ++i) {
      mac.push_back(static_cast<std::byte>(rdata[i]));
    }
    return mac;
  }
  Message honest() const { return primary.answer(question).message; }
  // NOERROR without doing anything.
  Message lie() const {
    Message reply = question;
    reply.header.qr = true;
    reply.header.aa = true;
    reply.answer.clear();
    reply.authority.clear();
    reply.additional.clear();
    if (!is_update() && question.question[0].type == RrType::A) {
      const RrSet one = rrset("www.example.com", {"192.0.2.1"});
      reply.answer.push_back({.owner = one.key.owner, .ttl = 60, .rdata = one.data[0].wire()});
    }
    return reply;
  }
  Bytes bare(const Message& reply) const { return write_message(reply).value(); }
  Bytes sign(const Message& reply) const { return sign(reply, *key); }
  Bytes sign(const Message& reply, const TsigKey& with) const {
    return tsig_sign(bare(reply), with, wall_now(), request_mac()).octets;
  }
};

struct Case {
  const char* what;
  std::function<Performance(const Scene&)> script;
  bool executes = false;  // the server does carry out the update
  bool stream_only = false;
};

Performance honest(const Scene& scene) {
  return {.messages = {scene.sign(scene.honest())}};
}

Bytes without_request_mac(const Scene& scene) {
  return tsig_sign(scene.bare(scene.lie()), *scene.key, wall_now()).octets;
}

// Lies about everything, or about updates only.
std::vector<Case> cases() {
  const auto liar = [](auto forge) {
    return [forge](const Scene& scene) { return Performance{.messages = {forge(scene)}}; };
  };
  const auto lies_to_updates = [](auto forge) {
    return [forge](const Scene& scene) {
      return scene.is_update() ? Performance{.messages = {forge(scene)}} : honest(scene);
    };
  };
  const auto unsigned_lie = [](const Scene& scene) { return scene.bare(scene.lie()); };
  const auto forged_lie = [](const Scene& scene) {
    return scene.sign(scene.lie(), *make_key(std::byte{9}));
  };
  const auto wrong_id = [](const Scene& scene) {
    Message reply = scene.lie();
    reply.header.id ^= 0x1111;
    return scene.sign(reply);
  };
  const auto flipped_rcode = [](const Scene& scene) {
    Message reply = scene.lie();
    reply.header.rcode = 5;
    Bytes octets = scene.sign(reply);
    octets[3] &= std::byte{0xf0};
    return octets;
  };
  return {
      {"unsigned NOERROR", lies_to_updates(unsigned_lie)},
      {"unsigned NOERROR and unsigned read-backs", liar(unsigned_lie)},
      {"wrong MAC", lies_to_updates(forged_lie)},
      {"wrong MAC everywhere", liar(forged_lie)},
      {"wrong id", lies_to_updates(wrong_id)},
      {"REFUSED turned into NOERROR", lies_to_updates(flipped_rcode)},
      {"signed, but not for our question", liar(without_request_mac)},
      {"garbage", lies_to_updates([](const Scene&) { return Bytes(77, std::byte{0xa5}); })},
      {"an empty message", lies_to_updates([](const Scene&) { return Bytes{}; })},
      {"never an answer to updates",
       [](const Scene& scene) { return scene.is_update() ? Performance{} : honest(scene); }},
      {"never an answer", [](const Scene&) { return Performance{}; }},
      {"reset in the middle of a message",
       [](const Scene& scene) {
         Performance performance = honest(scene);
         performance.half_then_reset = true;
         return performance;
       },
       true, true},
      {"one octet at a time",
       [](const Scene& scene) {
         Performance performance = honest(scene);
         performance.one_octet_a_write = true;
         return performance;
       },
       true, true},
      {"an unsigned NOERROR before the true answer",
       [unsigned_lie](const Scene& scene) {
         Performance performance = honest(scene);
         performance.messages.insert(performance.messages.begin(), unsigned_lie(scene));
         return performance;
       },
       true},
      {"forty forged answers, no true one",
       [forged_lie](const Scene& scene) {
         return scene.is_update() ? Performance{.messages = std::vector(40, forged_lie(scene))}
                                  : honest(scene);
       }},
      {"honest and signed NOERROR, nothing done",
       lies_to_updates([](const Scene& scene) { return scene.sign(scene.lie()); })},
  };
}

struct Performer {
  FakePrimary primary{name("example.com")};
  TsigKeyPtr key = make_key(std::byte{7});
  std::unique_ptr<ScriptedServer> server{};
  std::unique_ptr<Client> client{};
  net::Handle work{};
  std::optional<UpdateReport> report{};
};

void play(Transport transport) {
  const std::vector<Case> all = cases();
  net::UvLoop loop;
  net::SystemRandom random;
  std::vector<std::unique_ptr<Performer>> performers;
  std::size_t missing = all.size();
  for (const Case& one : all) {
    auto performer = std::make_unique<Performer>();
    Performer& p = *performer;
    p.primary.put(kTwo);
    p.server = std::make_unique<ScriptedServer>(loop, [&p, &one](const Bytes& octets) {
      return one.script({.primary = p.primary, .key = p.key, .octets = octets});
    });
    p.client = std::make_unique<Client>(
        loop, random,
        ClientSettings{
            .zone = name("example.com"),
            .servers = {{.ip = net::IpAddress::from_v4({127, 0, 0, 1}), .port = p.server->port()}},
            .key = p.key,
            .transport = transport,
            .timeout = std::chrono::milliseconds(400)});
    p.work = p.client->update({change(kTwo, {"192.0.2.1"})}, [&](UpdateReport report) {
      p.report = std::move(report);
      if (--missing == 0) {
        loop.stop();
      }
    });
    performers.push_back(std::move(performer));
  }
  const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(15), [&] { loop.stop(); });
  loop.run();

  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(all[i].what);
    const Performer& p = *performers[i];
    REQUIRE(p.report);
    const OutcomeKind kind = p.report->rrsets[0].outcome.kind;
    INFO(to_string(kind) << ": " << p.report->rrsets[0].outcome.detail);
    const bool done =
        same_records(p.primary.committed(kTwo.key), rrset("www.example.com", {"192.0.2.1"}));
    if (kind == OutcomeKind::applied || kind == OutcomeKind::unchanged) {
      CHECK(done);
    }
    if (kind == OutcomeKind::rejected || kind == OutcomeKind::conflict) {
      CHECK_FALSE(done);
    }
    if (!all[i].executes) {
      CHECK(kind == OutcomeKind::unknown);
      CHECK_FALSE(p.report->rrsets[0].outcome.detail.empty());
    }
    if (all[i].executes && !(all[i].stream_only && transport == Transport::udp)) {
      const bool unreadable = std::string_view(all[i].what).starts_with("reset") ||
                              (std::string_view(all[i].what).starts_with("an unsigned NOERROR b") &&
                               transport == Transport::tcp);
      CHECK(kind == (unreadable ? OutcomeKind::unknown : OutcomeKind::applied));
    }
    performers[i]->work.reset();
    performers[i]->client.reset();
    performers[i]->server.reset();
  }
}

TEST_CASE("hostile servers over TCP") {
  play(Transport::tcp);
}

TEST_CASE("hostile servers over UDP") {
  play(Transport::udp);
}

// Or anybody who can send us datagrams would decide how long a question takes.
TEST_CASE("forged answers over UDP are waited out, and not more than so many of them") {
  net::UvLoop loop;
  net::SystemRandom random;
  const TsigKeyPtr key = make_key(std::byte{7});
  FakePrimary primary(name("example.com"));
  primary.put(kTwo);
  std::size_t forged = 0;
  const ScriptedServer server(loop, [&](const Bytes& octets) {
    const Scene scene{.primary = primary, .key = key, .octets = octets};
    Performance performance{
        .messages = std::vector(forged, scene.sign(scene.lie(), *make_key(std::byte{9})))};
    performance.messages.push_back(scene.sign(scene.honest()));
    return performance;
  });
  for (const auto& [count, answered] : {std::pair<std::size_t, bool>{20, true}, {40, false}}) {
    forged = count;
    Client client(
        loop, random,
        {.zone = name("example.com"),
         .servers = {{.ip = net::IpAddress::from_v4({127, 0, 0, 1}), .port = server.port()}},
         .key = key,
         .transport = Transport::udp,
         .timeout = std::chrono::seconds(60)});
    std::optional<ReadResult> result;
    const net::Handle work = client.read({kTwo.key}, [&](std::vector<ReadResult> results) {
      result = std::move(results.front());
      loop.stop();
    });
    const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(10), [&] { loop.stop(); });
    loop.run();
    INFO(count << " forged answers before the true one");
    REQUIRE(result);
    CHECK(result->has_value() == answered);
    if (!answered) {
      CHECK(result->error().kind == ReadFaultKind::unauthenticated);
    }
  }
}

}  // namespace
}  // namespace ronda::test
