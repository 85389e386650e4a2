#include "dnsupdate/wire/tsig.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/wire/captures.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

TsigKey key_of(std::string_view name, TsigAlgorithm algorithm, Bytes secret) {
  return TsigKey{name_of(name), algorithm, net::Secret(std::move(secret))};
}

TsigKey captured_key(TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256,
                     std::string_view name = "ronda-key") {
  Bytes secret;
  for (const char octet : captures::kCapturedSecret) {
    secret.push_back(static_cast<std::byte>(octet));
  }
  return key_of(name, algorithm, std::move(secret));
}

const captures::ReplyCapture& reply_of(std::string_view name) {
  const auto* const reply =
      std::ranges::find(captures::kReplies, name, &captures::ReplyCapture::name);
  REQUIRE(reply != std::end(captures::kReplies));
  return *reply;
}

std::expected<TsigVerified, TsigRejected> verify(const Bytes& reply, const TsigKey& key,
                                                 const captures::ReplyCapture& capture) {
  return tsig_verify(reply, key, from_hex(capture.request_mac), at_second(capture.time));
}

TsigFault fault_of(const Bytes& reply, const captures::ReplyCapture& capture) {
  const auto verified = verify(reply, captured_key(), capture);
  REQUIRE_FALSE(verified);
  return verified.error().fault;
}

// Takes the TSIG record off a message and puts it back changed.
template <typename Change>
Bytes with_changed_tsig(std::string_view hex, Change change) {
  Message message = read_message(from_hex(hex)).value();
  change(message);
  return write_message(message).value();
}

TEST_CASE("every published vector has the MAC that other implementations found") {
  std::ifstream file(RONDA_TSIG_VECTORS);
  const auto vectors = nlohmann::json::parse(file);
  REQUIRE(vectors.size() == 21);
  for (const auto& vector : vectors) {
    const auto text = [&vector](const char* field) { return vector.at(field).get<std::string>(); };
    INFO(text("name") << ", " << text("source"));
    const auto algorithm = parse_tsig_algorithm(text("alg"));
    REQUIRE(algorithm);
    const TsigKey key = key_of(text("key_name"), *algorithm, from_hex(text("secret_hex")));
    TsigRecord fields;
    fields.key_name = key.name;
    fields.algorithm = algorithm_name(*algorithm);
    fields.time_signed = vector.at("time").get<std::uint64_t>();
    fields.fudge = vector.at("fudge").get<std::uint16_t>();
    fields.error = static_cast<TsigError>(vector.at("error").get<std::uint16_t>());
    fields.other = from_hex(text("other_hex"));
    const Bytes request_mac =
        vector.at("request_mac_hex").is_null() ? Bytes() : from_hex(text("request_mac_hex"));
    const Bytes mac = tsig_mac(from_hex(text("msg_without_tsig_hex")), fields, key, request_mac,
                               vector.at("tcp_continuation").get<bool>());
    CHECK(mac.size() == mac_length(*algorithm));
    // Two of the vectors are truncated on purpose; what is there is the beginning of the whole MAC.
    const std::string expected = text("mac_hex");
    CHECK(to_hex(mac).substr(0, expected.size()) == expected);
  }
}

TEST_CASE("a signed UPDATE equals nsupdate's, octet for octet") {
  for (const captures::SignedCapture& capture : captures::kSignedUpdates) {
    INFO(capture.algorithm);
    const auto algorithm = parse_tsig_algorithm(capture.algorithm);
    REQUIRE(algorithm);
    Bytes plain = from_hex(captures::kPlainUpdate);
    const Bytes expected = from_hex(capture.octets);
    plain[0] = expected[0];
    plain[1] = expected[1];
    const SignedMessage signed_message =
        tsig_sign(plain, captured_key(*algorithm), at_second(capture.time));
    CHECK(to_hex(signed_message.octets) == capture.octets);
    CHECK(signed_message.mac.size() == mac_length(*algorithm));
    CHECK(tsig_verify(expected, captured_key(*algorithm), {}, at_second(capture.time)));
  }
}

TEST_CASE("named's signed replies are verified") {
  const std::string name = GENERATE("noerror", "mixedcase key", "yxrrset", "query");
  INFO(name);
  const captures::ReplyCapture& reply = reply_of(name);
  const auto verified = verify(from_hex(reply.octets), captured_key(), reply);
  REQUIRE(verified);
  CHECK(verified->record.error == TsigError::NOERROR);
  CHECK(verified->record.key_name == name_of("ronda-key"));
  CHECK(verified->record.mac.size() == 32);
  // Our own spelling of the key does not matter.
  CHECK(
      verify(from_hex(reply.octets), captured_key(TsigAlgorithm::hmac_sha256, "RONDA-Key"), reply));
}

TEST_CASE("a BADTIME reply is verified, however wrong our clock is") {
  const captures::ReplyCapture& reply = reply_of("badtime");
  for (const long long shift : {0LL, 400LL, -1'000'000'000LL, 4'000'000'000LL}) {
    const auto verified = tsig_verify(from_hex(reply.octets), captured_key(),
                                      from_hex(reply.request_mac), at_second(reply.time + shift));
    REQUIRE(verified);
    CHECK(verified->record.error == TsigError::BADTIME);
    CHECK(verified->record.other.size() == 6);
    CHECK(verified->record.time_signed == static_cast<std::uint64_t>(reply.time));
  }
}

TEST_CASE("a BADTIME reply to another request is not verified") {
  const captures::ReplyCapture& reply = reply_of("badtime");
  const auto verified = tsig_verify(from_hex(reply.octets), captured_key(),
                                    from_hex(reply_of("noerror").request_mac), at_second(0));
  REQUIRE_FALSE(verified);
  CHECK(verified.error().fault == TsigFault::bad_mac);
}

TEST_CASE("unauthenticated replies are rejected, and what they claim is kept") {
  struct Row {
    std::string name;
    TsigFault fault;
    TsigError error;
  };
  const Row row = GENERATE(Row{"badsig", TsigFault::no_mac, TsigError::BADSIG},
                           Row{"badkey", TsigFault::wrong_key, TsigError::BADKEY});
  const captures::ReplyCapture& reply = reply_of(row.name);
  const auto verified = verify(from_hex(reply.octets), captured_key(), reply);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().fault == row.fault);
  CHECK(verified.error().error == row.error);
}

TEST_CASE("a BADKEY reply that names our key has no MAC") {
  const captures::ReplyCapture& reply = reply_of("badkey");
  const auto verified =
      verify(from_hex(reply.octets), captured_key(TsigAlgorithm::hmac_sha256, "other-key"), reply);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().fault == TsigFault::no_mac);
  CHECK(verified.error().error == TsigError::BADKEY);
}

TEST_CASE("an unsigned reply has no TSIG") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  CHECK(fault_of(from_hex(captures::kUnsignedReply), reply) == TsigFault::missing);
}

TEST_CASE("changing any octet of a signed reply makes it unverified") {
  const captures::ReplyCapture& reply = reply_of("query");
  const Bytes original = from_hex(reply.octets);
  const std::size_t id_length = 2;  // the id on the wire is not signed; the exchange matches it
  for (std::size_t i = id_length; i < original.size(); ++i) {
    Bytes changed = original;
    changed[i] ^= std::byte{0x01};
    const auto verified = verify(changed, captured_key(), reply);
    INFO("octet " << i);
    CHECK_FALSE(verified);
  }
}

TEST_CASE("the id on the wire is replaced by the original id") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  Bytes forwarded = from_hex(reply.octets);
  forwarded[0] = std::byte{0xde};
  forwarded[1] = std::byte{0xad};
  CHECK(verify(forwarded, captured_key(), reply));
}

TEST_CASE("a reply is bound to its request") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  const auto other = tsig_verify(from_hex(reply.octets), captured_key(),
                                 from_hex(reply_of("query").request_mac), at_second(reply.time));
  REQUIRE_FALSE(other);
  CHECK(other.error().fault == TsigFault::bad_mac);
  CHECK_FALSE(tsig_verify(from_hex(reply.octets), captured_key(), {}, at_second(reply.time)));
}

TEST_CASE("key and algorithm must be ours before anything is computed") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  for (const TsigKey& key : {captured_key(TsigAlgorithm::hmac_sha256, "other-key"),
                             captured_key(TsigAlgorithm::hmac_sha512)}) {
    const auto verified = verify(from_hex(reply.octets), key, reply);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().fault == TsigFault::wrong_key);
  }
}

TEST_CASE("the time is compared with the fudge, to the second, on both sides") {
  struct Row {
    long long shift;
    bool good;
  };
  const Row row = GENERATE(Row{0, true}, Row{300, true}, Row{-300, true}, Row{301, false},
                           Row{-301, false}, Row{-2'000'000'000, false});
  INFO(row.shift);
  const captures::ReplyCapture& reply = reply_of("noerror");
  const auto verified = tsig_verify(from_hex(reply.octets), captured_key(),
                                    from_hex(reply.request_mac), at_second(reply.time + row.shift));
  REQUIRE(verified.has_value() == row.good);
  if (!row.good) {
    CHECK(verified.error().fault == TsigFault::bad_time);
  }
}

TEST_CASE("a wide fudge of the server is cut to ours, a narrow one is honoured") {
  const Bytes plain = from_hex(captures::kUnsignedReply);
  const auto replied_with_fudge = [&plain](std::uint16_t fudge) {
    const TsigKey key = captured_key();
    TsigRecord fields{key.name, algorithm_name(key.algorithm), 1000000, fudge, {}, 0x1008, {}, {}};
    fields.mac = tsig_mac(plain, fields, key, {});
    Bytes octets = tsig_sign(plain, key, at_second(1000000)).octets;
    // The record ends in fudge, MAC size, MAC, original id, error, other length.
    const std::size_t fudge_at = octets.size() - 6 - 32 - 2 - 2;
    octets[fudge_at] = static_cast<std::byte>(fudge >> 8);
    octets[fudge_at + 1] = static_cast<std::byte>(fudge & 0xff);
    std::ranges::copy(fields.mac, octets.begin() + static_cast<std::ptrdiff_t>(fudge_at) + 4);
    return octets;
  };
  CHECK(tsig_verify(replied_with_fudge(65535), captured_key(), {}, at_second(1000300)));
  CHECK_FALSE(tsig_verify(replied_with_fudge(65535), captured_key(), {}, at_second(1000301)));
  CHECK(tsig_verify(replied_with_fudge(10), captured_key(), {}, at_second(1000010)));
  CHECK_FALSE(tsig_verify(replied_with_fudge(10), captured_key(), {}, at_second(1000011)));
}

TEST_CASE("the MAC is judged before the time") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  Bytes changed = from_hex(reply.octets);
  changed[3] ^= std::byte{0x05};
  const auto verified = tsig_verify(changed, captured_key(), from_hex(reply.request_mac),
                                    at_second(reply.time + 100'000));
  REQUIRE_FALSE(verified);
  CHECK(verified.error().fault == TsigFault::bad_mac);
}

TEST_CASE("a MAC of another length than the hash is refused by its length") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  // In the data: 13 octets of algorithm name, 6 of time, 2 of fudge, then the MAC's length.
  constexpr std::size_t kMacSize = 13 + 6 + 2;
  const auto length = GENERATE(as<std::size_t>{}, 1, 9, 10, 15, 16, 31, 33, 64);
  INFO(length);
  const Bytes changed = with_changed_tsig(reply.octets, [length](Message& message) {
    std::string& rdata = message.additional.back().rdata;
    std::string mac = rdata.substr(kMacSize + 2, 32);
    mac.resize(length, 'x');
    rdata = rdata.substr(0, kMacSize + 1) + static_cast<char>(length) + mac +
            rdata.substr(kMacSize + 2 + 32);
  });
  CHECK(fault_of(changed, reply) == TsigFault::bad_mac_size);
}

TEST_CASE("a TSIG record out of its place or form is malformed") {
  const captures::ReplyCapture& reply = reply_of("noerror");
  const auto fault_after = [&reply](auto change) {
    return fault_of(with_changed_tsig(reply.octets, change), reply);
  };
  const ResourceRecord opt{Name(), RrType::OPT, static_cast<RrClass>(1232), 0, {}};
  CHECK(fault_after([](Message& message) {
          message.additional.push_back(message.additional.back());
        }) == TsigFault::malformed);
  CHECK(fault_after([&opt](Message& message) { message.additional.push_back(opt); }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) { std::swap(message.authority, message.additional); }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) {
          message.answer.push_back(message.additional.back());
        }) == TsigFault::malformed);
  CHECK(fault_after([](Message& message) { message.additional.back().rr_class = RrClass::IN; }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) { message.additional.back().ttl = 1; }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) { message.additional.back().rdata += 'x'; }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) { message.additional.back().rdata.pop_back(); }) ==
        TsigFault::malformed);
  CHECK(fault_after([](Message& message) { message.additional.back().rdata.clear(); }) ==
        TsigFault::malformed);
  CHECK(fault_of(from_hex("1234"), reply) == TsigFault::malformed);
}

TEST_CASE("an OPT record before the TSIG is covered by the MAC") {
  Message message = read_message(from_hex(captures::kUnsignedReply)).value();
  message.additional.push_back({Name(), RrType::OPT, static_cast<RrClass>(1232), 0, {}});
  const Bytes mac = from_hex("00112233");
  const SignedMessage reply =
      tsig_sign(write_message(message).value(), captured_key(), at_second(1000), mac);
  CHECK(tsig_verify(reply.octets, captured_key(), mac, at_second(1000)));
  const Bytes changed = [&] {
    Message copy = read_message(reply.octets).value();
    copy.additional.front().ttl = 0x01000000;
    return write_message(copy).value();
  }();
  CHECK_FALSE(tsig_verify(changed, captured_key(), mac, at_second(1000)));
}

TEST_CASE("a reply can be signed with an error, and BADSIG carries no MAC") {
  const Bytes plain = from_hex(captures::kUnsignedReply);
  const Bytes mac = from_hex("00112233");
  const Bytes server_time = from_hex("00006b04f2ac");
  const SignedMessage badtime =
      tsig_sign(plain, captured_key(), at_second(1000), mac, TsigError::BADTIME, server_time);
  const auto verified = tsig_verify(badtime.octets, captured_key(), mac, at_second(900000));
  REQUIRE(verified);
  CHECK(verified->record.other == server_time);
  const SignedMessage badsig =
      tsig_sign(plain, captured_key(), at_second(1000), mac, TsigError::BADSIG);
  CHECK(badsig.mac.empty());
  CHECK(tsig_verify(badsig.octets, captured_key(), mac, at_second(1000)).error().fault ==
        TsigFault::no_mac);
}

TEST_CASE("a message without room for its signature is a bug of the caller") {
  CHECK_THROWS_AS(tsig_sign(Bytes(65500), captured_key(), at_second(0)), std::length_error);
  CHECK_THROWS_AS(tsig_sign(Bytes(11), captured_key(), at_second(0)), std::invalid_argument);
}

TEST_CASE("algorithms are known by BIND's names and the wire's") {
  CHECK(parse_tsig_algorithm("HMAC-SHA256") == TsigAlgorithm::hmac_sha256);
  CHECK(parse_tsig_algorithm("hmac-md5") == TsigAlgorithm::hmac_md5);
  CHECK(parse_tsig_algorithm("hmac-md5.sig-alg.reg.int.") == TsigAlgorithm::hmac_md5);
  CHECK(parse_tsig_algorithm("hmac-sha256-128") == TsigAlgorithm::hmac_sha256);
  CHECK(parse_tsig_algorithm("hmac-sha512-256") == TsigAlgorithm::hmac_sha512);
  for (const char* const text : {"", "sha256", "hmac-sha3", "hmac-sha256-", "hmac-sha256-64",
                                 "hmac-sha256-129", "hmac-sha256-264", "hmac-sha2560"}) {
    INFO(text);
    CHECK_FALSE(parse_tsig_algorithm(text));
  }
}

}  // namespace
}  // namespace ronda::dnsupdate
