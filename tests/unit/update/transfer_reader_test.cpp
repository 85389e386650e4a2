// What a server may send instead of a zone: each thing is told from a zone, in one sentence.
#include "dnsupdate/update/transfer_reader.hpp"

#include <functional>

#include "dnsupdate/wire/key_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr std::uint16_t kId = 4711;
const net::WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr const char* kSoa = "ns.example.com h.example.com 7 3600 600 86400 60";

TsigKeyPtr key(const std::string& secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=") {
  return parse_key_file("key ronda { algorithm hmac-sha256; secret \"" + secret + "\"; };")
      .value()
      .front();
}

ResourceRecord record(const std::string& owner, RrType type, const std::string& data) {
  return {.owner = name(owner),
          .type = type,
          .ttl = 60,
          .rdata = Rdata::parse(type, data).value().wire()};
}
ResourceRecord soa(const std::string& data = kSoa) {
  return record("example.com", RrType::SOA, data);
}
ResourceRecord host(int number) {
  return record("h" + std::to_string(number) + ".example.com", RrType::A, "192.0.2.1");
}

// The server's side of one transfer: frames messages and signs them as RFC 8945 5.3.1 has it.
class Sender {
 public:
  explicit Sender(TsigKeyPtr signer = key()) : key_(std::move(signer)) {}

  void begin(const Bytes& question) {
    const auto asked = read_message(question).value();
    if (key_) {
      const std::string& rdata = asked.additional.back().rdata;
      // algorithm (13 octets), time, fudge, MAC size: the MAC is what lies before the last six.
      for (const char octet : rdata.substr(rdata.size() - 6 - 32, 32)) {
        mac_.push_back(static_cast<std::byte>(octet));
      }
    }
  }

  Bytes message(const std::vector<ResourceRecord>& records, bool with_signature = true,
                const std::function<void(Message&)>& change = {}) {
    Message message;
    message.header = {.id = kId, .qr = true, .aa = true};
    if (first_) {
      message.question.push_back({.name = name("example.com"), .type = RrType{252}});
    }
    message.answer = records;
    if (change) {
      change(message);
    }
    const Bytes octets = write_message(message).value();
    if (!key_ || !with_signature) {
      between_.insert(between_.end(), octets.begin(), octets.end());
      first_ = false;
      return octets;
    }
    return sign(octets);
  }

 private:
  Bytes sign(const Bytes& octets) {
    if (first_) {
      first_ = false;
      SignedMessage made = tsig_sign(octets, *key_, kNow, mac_);
      mac_ = made.mac;
      return made.octets;
    }
    TsigRecord fields{.key_name = key_->name,
                      .algorithm = algorithm_name(key_->algorithm),
                      .time_signed = 1'800'000'000,
                      .original_id = kId};
    Bytes digested = std::exchange(between_, {});
    digested.insert(digested.end(), octets.begin(), octets.end());
    const Bytes mac = tsig_mac(digested, fields, *key_, mac_, true);
    // A record like the library's own, with this MAC in place of the one it makes.
    Bytes out = tsig_sign(octets, *key_, kNow).octets;
    std::copy(mac.begin(), mac.end(), out.end() - 6 - 32);
    mac_ = mac;
    return out;
  }

  TsigKeyPtr key_;
  Bytes mac_{};
  Bytes between_{};
  bool first_ = true;
};

struct Bench {
  explicit Bench(TsigKeyPtr with = key(), TransferLimits limits = {})
      : reader(name("example.com"), with, {.server = "192.0.2.53:53", .zone = "example.com"},
               limits),
        sender(with) {
    sender.begin(reader.ask(kId, kNow));
  }
  // The error, or how many records were handed on.
  std::string take(const Bytes& octets) {
    const auto records = reader.take(octets, kNow);
    return records ? std::to_string(records->size()) : records.error().detail;
  }
  TransferReader reader;
  Sender sender;
};

TEST_CASE("a zone in one message, in many, and one record a message") {
  for (const bool with_key : {true, false}) {
    Bench one(with_key ? key() : nullptr);
    CHECK(one.take(one.sender.message({soa(), host(1), host(2), soa()})) == "3");
    CHECK(one.reader.done());

    Bench many(with_key ? key() : nullptr);
    CHECK(many.take(many.sender.message({soa()})) == "1");
    for (int i = 0; i < 300; ++i) {
      CHECK(many.take(many.sender.message({host(i)})) == "1");
      CHECK_FALSE(many.reader.done());
    }
    CHECK(many.take(many.sender.message({soa()})) == "0");
    CHECK(many.reader.done());
  }
}

TEST_CASE("unsigned messages between signed ones wait for the signature that covers them") {
  Bench bench;
  CHECK(bench.take(bench.sender.message({soa()})) == "1");
  for (int i = 0; i < 99; ++i) {
    CHECK(bench.take(bench.sender.message({host(i)}, false)) == "0");
  }
  CHECK(bench.take(bench.sender.message({host(99)})) == "100");
  CHECK(bench.take(bench.sender.message({host(100)}, false)) == "0");
  CHECK(bench.take(bench.sender.message({soa()})) == "1");
  CHECK(bench.reader.done());
}

TEST_CASE("an altered unsigned message spoils the signature after it") {
  Bench bench;
  CHECK(bench.take(bench.sender.message({soa()})) == "1");
  Bytes altered = bench.sender.message({host(1)}, false);
  altered.back() ^= std::byte{1};
  CHECK(bench.take(altered) == "0");
  CHECK_THAT(bench.take(bench.sender.message({soa()})),
             ContainsSubstring("of a later message, its signature is wrong"));
}

TEST_CASE("signatures that do not do") {
  Bench first_unsigned;
  CHECK_THAT(first_unsigned.take(first_unsigned.sender.message({soa(), soa()}, false)),
             ContainsSubstring("it carries no signature"));

  Bench second_wrong;
  CHECK(second_wrong.take(second_wrong.sender.message({soa()})) == "1");
  Bytes forged = second_wrong.sender.message({host(1)});
  forged[forged.size() - 10] ^= std::byte{1};
  CHECK_THAT(second_wrong.take(forged), ContainsSubstring("its signature is wrong"));

  Bench last_unsigned;
  CHECK(last_unsigned.take(last_unsigned.sender.message({soa(), host(1)})) == "2");
  CHECK_THAT(last_unsigned.take(last_unsigned.sender.message({soa()}, false)),
             ContainsSubstring("its last message is not signed"));
  Bench hundred;
  CHECK(hundred.take(hundred.sender.message({soa()})) == "1");
  for (int i = 0; i < 99; ++i) {
    CHECK(hundred.take(hundred.sender.message({host(i)}, false)) == "0");
  }
  CHECK_THAT(hundred.take(hundred.sender.message({host(100)}, false)),
             ContainsSubstring("more than 99 messages in a row are not signed"));

  Bench stranger;
  Sender other(key("b3RoZXItb3RoZXItb3RoZXItb3RoZXI="));
  CHECK_THAT(stranger.take(other.message({soa(), soa()})),
             ContainsSubstring("its signature is wrong"));

  Bench replayed;  // the second message of a transfer comes twice
  CHECK(replayed.take(replayed.sender.message({soa()})) == "1");
  const Bytes again = replayed.sender.message({host(1)});
  CHECK(replayed.take(again) == "1");
  CHECK_THAT(replayed.take(again), ContainsSubstring("its signature is wrong"));
}

TEST_CASE("what is no zone") {
  using Records = std::vector<ResourceRecord>;
  const std::pair<Records, const char*> cases[] = {
      {{}, "a message has no records"},
      {{host(1), soa()}, "does not begin and end with the zone's SOA"},
      {{record("sub.example.com", RrType::SOA, kSoa)}, "does not begin and end"},
      {{soa(), record("www.example.net", RrType::A, "192.0.2.1")},
       "it holds a record of \"www.example.net\", which lies outside the zone"},
      {{soa(), record("notexample.com", RrType::A, "192.0.2.1")}, "which lies outside the zone"},
      {{soa(), soa(), host(1)}, "records follow its last one"},
      {{soa(), host(1), soa("ns.example.com h.example.com 8 3600 600 86400 60")},
       "is not the one at its beginning"},
  };
  for (const auto& [records, sentence] : cases) {
    Bench bench;
    CHECK_THAT(bench.take(bench.sender.message(records)),
               ContainsSubstring("transfer of zone \"example.com\" from 192.0.2.53:53") &&
                   ContainsSubstring(sentence));
  }
  Bench after_end;
  CHECK(after_end.take(after_end.sender.message({soa(), soa()})) == "1");
  CHECK_THAT(after_end.take(after_end.sender.message({host(1)})),
             ContainsSubstring("goes on after its end"));
}

TEST_CASE("messages that are none, or not ours") {
  const std::pair<std::function<void(Message&)>, const char*> cases[] = {
      {[](Message& message) { message.header.id = 1; }, "no answer to our question"},
      {[](Message& message) { message.header.qr = false; }, "no answer to our question"},
      {[](Message& message) { message.header.opcode = Opcode::UPDATE; }, "no answer"},
      {[](Message& message) { message.header.tc = true; }, "cut short"},
      {[](Message& message) { message.question.clear(); }, "answers another question"},
      {[](Message& message) { message.question.front().type = RrType::SOA; }, "another question"},
  };
  for (const auto& [change, sentence] : cases) {
    Bench bench(nullptr);
    CHECK_THAT(bench.take(bench.sender.message({soa(), soa()}, true, change)),
               ContainsSubstring(sentence));
  }
  Bench garbage;
  CHECK_THAT(garbage.take(Bytes(40, std::byte{0xfe})), ContainsSubstring("malformed"));
  CHECK_THAT(Bench().take({}), ContainsSubstring("malformed"));
}

TEST_CASE("a refusal is told from a fault, when it is proven") {
  const auto refuse = [](Message& message) {
    message.header.rcode = static_cast<std::uint8_t>(Rcode::REFUSED);
  };
  for (const bool with_key : {true, false}) {
    Bench bench(with_key ? key() : nullptr);
    const auto refused = bench.reader.take(bench.sender.message({}, true, refuse), kNow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refused);
    CHECK_THAT(refused.error().detail,
               ContainsSubstring("(REFUSED): its allow-transfer does not list " +
                                 std::string(with_key ? "the key \"ronda\"" : "us")));
  }
  Bench bench;
  const auto forged = bench.reader.take(bench.sender.message({}, false, refuse), kNow);
  REQUIRE_FALSE(forged);
  CHECK_FALSE(forged.error().refused);
}

TEST_CASE("a zone without end ends at the limits") {
  Bench records(key(), {.octets = 1'000'000, .records = 50});
  CHECK(records.take(records.sender.message({soa()})) == "1");
  std::string said = "1";
  int messages = 0;
  for (; said == "1" && messages < 1000; ++messages) {
    said = records.take(records.sender.message({host(messages)}));
  }
  CHECK(messages == 50);
  CHECK_THAT(said, ContainsSubstring("it goes on after 50 records"));

  Bench octets(nullptr, {.octets = 1000, .records = 1'000'000});
  CHECK(octets.take(octets.sender.message({soa()})) == "1");
  said = "1";
  for (messages = 0; said == "1" && messages < 1000; ++messages) {
    said = octets.take(octets.sender.message({host(messages)}));
  }
  CHECK(messages < 40);
  CHECK_THAT(said, ContainsSubstring("it goes on after 1000 octets"));
}

}  // namespace
}  // namespace ronda::test
