#include "dnsupdate/update/signed_request.hpp"

#include "dnsupdate/update/update_request.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const net::WallTime kNow{std::chrono::seconds(1'700'000'000)};

TsigKeyPtr make_key(const std::string& key_name = "ronda", std::byte fill = std::byte{7}) {
  auto key = std::make_shared<TsigKey>();
  key->name = name(key_name);
  key->secret = net::Secret(std::vector<std::byte>(32, fill));
  return key;
}

struct Bench {
  TsigKeyPtr key = make_key();
  SignedRequest request =
      SignedRequest::make(update_message(name("example.com"),
                                         {change(rrset("www.example.com", {}), {"192.0.2.1"})}),
                          key, {.server = "s", .zone = "example.com", .key_name = "ronda"})
          .value();
  TsigRecord request_tsig{};

  Bench() { sign(4711); }
  void sign(std::uint16_t id) {
    const Bytes octets = request.sign(id, kNow);
    request_tsig = tsig_of(octets);
  }
  static TsigRecord tsig_of(const Bytes& octets) {
    const Message message = read_message(octets).value();
    REQUIRE(message.additional.back().type == RrType::TSIG);
    TsigRecord record;
    // name, 48 bits of time, fudge, then the length of the MAC
    const std::string& rdata = message.additional.back().rdata;
    const std::size_t start = algorithm_name(TsigAlgorithm::hmac_sha256).wire().size() + 10;
    for (std::size_t i = start; i < start + 32; ++i) {
      record.mac.push_back(static_cast<std::byte>(rdata[i]));
    }
    return record;
  }
  Message plain(Rcode rcode = Rcode::NOERROR) const {
    Message reply;
    reply.header = {.id = request.id(), .opcode = Opcode::UPDATE, .qr = true};
    reply.header.rcode = static_cast<std::uint8_t>(rcode);
    return reply;
  }
  Bytes signed_reply(const Message& reply, const TsigKey& with, TsigError error = {},
                     const Bytes& other = {}) const {
    return tsig_sign(write_message(reply).value(), with, kNow, request_tsig.mac, error, other)
        .octets;
  }
};

TEST_CASE("a verified reply is accepted on both carriers") {
  const Bench bench;
  const Bytes octets = bench.signed_reply(bench.plain(Rcode::NXRRSET), *bench.key);
  for (const Carrier carrier : {Carrier::datagram, Carrier::stream}) {
    const Judgement judgement = bench.request.judge(octets, carrier, kNow);
    REQUIRE(std::holds_alternative<Accept>(judgement));
    const Reply& reply = std::get<Accept>(judgement).reply;
    CHECK(reply.message.rcode() == Rcode::NXRRSET);
    CHECK_FALSE(reply.tsig_error);
  }
}

TEST_CASE("whatever is not verified is ignored in a datagram and ends a connection") {
  const Bench bench;
  Message wrong_id = bench.plain();
  wrong_id.header.id ^= 1;
  Message question = bench.plain();
  question.header.qr = false;
  Message other_opcode = bench.plain();
  other_opcode.header.opcode = Opcode::QUERY;
  Bytes flipped = bench.signed_reply(bench.plain(Rcode::REFUSED), *bench.key);
  flipped[3] = std::byte{0};  // the rcode, after signing
  const Bytes good = bench.signed_reply(bench.plain(), *bench.key);
  const std::vector<std::pair<const char*, Bytes>> rows = {
      {"unsigned NOERROR", write_message(bench.plain()).value()},
      {"wrong id", bench.signed_reply(wrong_id, *bench.key)},
      {"a question", bench.signed_reply(question, *bench.key)},
      {"another opcode", bench.signed_reply(other_opcode, *bench.key)},
      {"changed after signing", flipped},
      {"another secret", bench.signed_reply(bench.plain(), *make_key("ronda", std::byte{8}))},
      {"another name", bench.signed_reply(bench.plain(), *make_key("other"))},
      {"cut short", Bytes(good.begin(), good.end() - 5)},
      {"empty", Bytes{}},
      {"garbage", Bytes(40, std::byte{0xff})},
      {"without the request's MAC",
       tsig_sign(write_message(bench.plain()).value(), *bench.key, kNow).octets},
      {"ten minutes old", tsig_sign(write_message(bench.plain()).value(), *bench.key,
                                    kNow - std::chrono::minutes(10), bench.request_tsig.mac)
                              .octets},
  };
  for (const auto& [what, octets] : rows) {
    INFO(what);
    const Judgement datagram = bench.request.judge(octets, Carrier::datagram, kNow);
    REQUIRE(std::holds_alternative<Ignore>(datagram));
    const Judgement stream = bench.request.judge(octets, Carrier::stream, kNow);
    REQUIRE(std::holds_alternative<Close>(stream));
    const NoReply& hint = std::get<Close>(stream).hint;
    CHECK(hint.kind == NoReplyKind::unauthenticated);
    CHECK(hint.sent);
    CHECK_FALSE(hint.detail.empty());
  }
}

TEST_CASE("BADTIME is signed and tells how far the clocks are apart") {
  const Bench bench;
  const std::uint64_t server = 1'700'000'000 + 400;
  Bytes other;
  for (int shift = 40; shift >= 0; shift -= 8) {
    other.push_back(static_cast<std::byte>((server >> shift) & 0xffU));
  }
  const Judgement judgement = bench.request.judge(
      bench.signed_reply(bench.plain(Rcode::NOTAUTH), *bench.key, TsigError::BADTIME, other),
      Carrier::stream, kNow);
  REQUIRE(std::holds_alternative<Accept>(judgement));
  const Reply& reply = std::get<Accept>(judgement).reply;
  CHECK(reply.tsig_error == TsigError::BADTIME);
  CHECK(reply.skew == std::chrono::seconds(400));
}

TEST_CASE("every signed reply tells the time of the primary") {
  const Bench bench;
  const Judgement judgement =
      bench.request.judge(bench.signed_reply(bench.plain(), *bench.key), Carrier::stream,
                          kNow - std::chrono::seconds(120));
  REQUIRE(std::holds_alternative<Accept>(judgement));
  CHECK(std::get<Accept>(judgement).reply.skew == std::chrono::seconds(120));
}

TEST_CASE("each attempt is signed anew and old replies no longer count") {
  Bench bench;
  const Bytes old_reply = bench.signed_reply(bench.plain(), *bench.key);
  bench.sign(4711);
  CHECK(std::holds_alternative<Accept>(bench.request.judge(old_reply, Carrier::stream, kNow)));
  bench.sign(4712);
  CHECK(std::holds_alternative<Close>(bench.request.judge(old_reply, Carrier::stream, kNow)));
}

TEST_CASE("a message too large for DNS is an error, not a crash") {
  RrSet huge = rrset("www.example.com", {}, RrType::TXT);
  for (int i = 0; i < 400; ++i) {
    huge.insert(
        Rdata::parse(RrType::TXT, "\"" + std::to_string(i) + std::string(200, 'x') + "\"").value());
  }
  const auto request = SignedRequest::make(
      update_message(name("example.com"),
                     {{.observed = rrset("www.example.com", {}, RrType::TXT), .wanted = huge}}),
      make_key(), {.zone = "example.com"});
  REQUIRE_FALSE(request);
  CHECK_THAT(request.error(), ContainsSubstring("65,535"));
}

TEST_CASE("without a key a reply is told by its id and question") {
  const Message update =
      update_message(name("example.com"), {change(rrset("www.example.com", {}), {"192.0.2.1"})});
  auto request =
      SignedRequest::make(update, nullptr, {.server = "s", .zone = "example.com"}).value();
  const Message sent = read_message(request.sign(4711, kNow)).value();
  CHECK(sent.header.id == 4711);
  CHECK(sent.additional.empty());

  Message reply;
  reply.header = {.id = 4711, .opcode = Opcode::UPDATE, .qr = true, .rcode = 5};
  const auto accepted = [&] {
    return std::holds_alternative<Accept>(
        request.judge(write_message(reply).value(), Carrier::stream, kNow));
  };
  CHECK(accepted());
  reply.question = update.question;
  CHECK(accepted());
  reply.question.front().name = name("example.org");
  CHECK_FALSE(accepted());
  reply.question = update.question;
  reply.header.id = 4712;
  CHECK_FALSE(accepted());
  reply.header = {.id = 4711, .opcode = Opcode::QUERY, .qr = true};
  CHECK_FALSE(accepted());
}

TEST_CASE("an unsigned query's data needs its question") {
  Message query;
  query.question.push_back({.name = name("example.com"), .type = RrType::SOA});
  auto request = SignedRequest::make(query, nullptr, {.server = "s"}).value();
  request.sign(1, kNow);
  Message reply;
  reply.header = {.id = 1, .qr = true};
  const auto accepted = [&] {
    return std::holds_alternative<Accept>(
        request.judge(write_message(reply).value(), Carrier::datagram, kNow));
  };
  CHECK_FALSE(accepted());
  reply.header.rcode = 1;
  CHECK(accepted());
}

}  // namespace
}  // namespace ronda::test
