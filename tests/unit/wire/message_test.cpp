#include "dnsupdate/wire/message.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/captures.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

ResourceRecord record_of(std::string_view owner, RrType type, RrClass rr_class, std::uint32_t ttl,
                         std::string_view text = {}) {
  return {name_of(owner), type, rr_class, ttl, text.empty() ? "" : rdata_of(type, text).wire()};
}

Message read(std::string_view hex) {
  const auto message = read_message(from_hex(hex));
  REQUIRE(message);
  return *message;
}

Message plain_update() {
  const RrType srv = RrType::SRV;
  Message message;
  message.header.id = 0x4407;
  message.header.opcode = Opcode::UPDATE;
  message.question = {{name_of("example.com"), RrType::SOA, RrClass::IN}};
  message.answer = {
      record_of("new.example.com", RrType::CNAME, RrClass::NONE, 0),
      record_of("www.example.com", RrType::A, RrClass::IN, 0, "192.0.2.1"),
  };
  message.authority = {
      record_of("old.example.com", RrType::A, RrClass::ANY, 0),
      record_of("gone.example.com", RrType::A, RrClass::NONE, 0, "192.0.2.7"),
      record_of("v6.example.com", RrType::AAAA, RrClass::IN, 300, "2001:db8::1"),
      record_of("text.example.com", RrType::TXT, RrClass::IN, 300, "\"v=spf1\" \"-all\""),
      record_of("_sip._tcp.example.com", srv, RrClass::IN, 60, "10 20 5060 www.example.com"),
  };
  return message;
}

TEST_CASE("an UPDATE is written octet for octet as nsupdate writes it") {
  const Message captured = read(captures::kPlainUpdate);
  Message message = plain_update();
  message.header.id = captured.header.id;
  CHECK(captured == message);
  // BIND does not compress the owner of an SRV record, so the comparison of octets ends before it.
  constexpr std::size_t kServiceRecord = 23 + 10 + 23;
  constexpr std::size_t kUpdateCount = 9;
  message.authority.pop_back();
  Bytes expected = from_hex(captures::kPlainUpdate);
  expected.resize(expected.size() - kServiceRecord);
  expected[kUpdateCount] = std::byte{4};
  const auto octets = write_message(message);
  REQUIRE(octets);
  CHECK(to_hex(*octets) == to_hex(expected));
}

TEST_CASE("every form of an UPDATE is read as nsupdate meant it") {
  const Message message = read(captures::kFullUpdate);
  CHECK(message.header.opcode == Opcode::UPDATE);
  CHECK_FALSE(message.header.qr);
  CHECK(message.question ==
        std::vector<Question>{{name_of("example.com"), RrType::SOA, RrClass::IN}});
  CHECK(message.answer == std::vector<ResourceRecord>{
                              record_of("www.example.com", RrType::A, RrClass::IN, 0, "192.0.2.1"),
                              record_of("www.example.com", RrType::A, RrClass::IN, 0, "192.0.2.2"),
                              record_of("new.example.com", RrType::CNAME, RrClass::NONE, 0),
                              record_of("example.com", RrType::ANY, RrClass::ANY, 0),
                              record_of("gone.example.com", RrType::ANY, RrClass::NONE, 0),
                              record_of("example.com", RrType::MX, RrClass::ANY, 0),
                          });
  CHECK(message.authority ==
        std::vector<ResourceRecord>{
            record_of("www.example.com", RrType::A, RrClass::NONE, 0, "192.0.2.1"),
            record_of("old.example.com", RrType::ANY, RrClass::ANY, 0),
            record_of("example.com", RrType::TXT, RrClass::ANY, 0),
            record_of("www.example.com", RrType::A, RrClass::IN, 30, "192.0.2.3"),
            record_of("example.com", RrType::MX, RrClass::IN, 300, "10 Mail1.example.com"),
            record_of("_sip._tcp.example.com", RrType::SRV, RrClass::IN, 60,
                      "10 20 5060 www.example.com"),
            record_of("example.com", RrType::TXT, RrClass::IN, 300, "\"v=spf1\" \"-all\""),
            record_of("v6.example.com", RrType::AAAA, RrClass::IN, 300, "2001:db8::1"),
            record_of("odd.example.com", static_cast<RrType>(65280), RrClass::IN, 300,
                      "\\# 4 0a000001"),
        });
  CHECK(read_message(write_message(message).value()) == message);
}

TEST_CASE("named's answers are read, with every compressed name expanded") {
  struct Row {
    std::string_view hex;
    std::vector<std::string> answer;
  };
  const Row row = GENERATE(
      Row{captures::kAnswerSoa,
          {"example.com SOA ns1.example.com hostmaster.example.com 2026010103 3600 900 604800 "
           "300"}},
      Row{captures::kAnswerTxt,
          {R"(example.com TXT "quote \" back \\ byte \001\255 semi ;")",
           R"(example.com TXT "v=spf1 mx" " -all")"}},
      Row{captures::kAnswerMx,
          {"example.com MX 10 Mail1.example.com", "example.com MX 20 mail2.example.net"}},
      Row{captures::kAnswerCaa, {R"(example.com CAA 0 issue "ca.example.net")"}},
      Row{captures::kAnswerAaaa, {"ns1.example.com AAAA 2001:db8::53"}},
      Row{captures::kAnswerSrv, {"_sip._tcp.example.com SRV 10 20 5060 www.example.com"}},
      Row{captures::kAnswerDname,
          {"old.example.com DNAME new.example.net", "x.old.example.com CNAME x.new.example.net"}},
      Row{captures::kAnswerPtr, {"ptr.example.com PTR www.example.com"}},
      Row{captures::kAnswerUnknown, {"odd.example.com TYPE65280 \\# 4 0a000001"}},
      Row{captures::kAnswerNxdomain, {}});
  const Message message = read(row.hex);
  std::vector<std::string> answer;
  for (const ResourceRecord& record : message.answer) {
    answer.push_back(record.owner.to_string() + " " + to_string(record.type) + " " +
                     Rdata::from_wire(record.type, record.rdata).value().to_string());
  }
  std::ranges::sort(answer);
  CHECK(answer == row.answer);
  CHECK(message.header.qr);
  CHECK(message.header.aa);
  CHECK(read_message(write_message(message).value()) == message);
}

TEST_CASE("rcode joins the header with the OPT record") {
  CHECK(read(captures::kAnswerNxdomain).rcode() == Rcode::NXDOMAIN);
  CHECK(read(captures::kAnswerSoa).rcode() == Rcode::NOERROR);
  const Message badvers = read(captures::kAnswerBadvers);
  CHECK(badvers.header.rcode == 0);
  CHECK(badvers.rcode() == Rcode::BADVERS);
}

TEST_CASE("class CH is read without the layouts of class IN") {
  const Message message = read(captures::kAnswerChaos);
  REQUIRE(message.answer.size() == 1);
  CHECK(message.answer[0].rr_class == RrClass::CH);
  Message chaos_address;
  chaos_address.answer = {{name_of("x"), RrType::A, RrClass::CH, 0, "any form"}};
  CHECK(read_message(write_message(chaos_address).value()) == chaos_address);
}

TEST_CASE("owners are compressed against the question, keeping their own spelling") {
  Message message;
  message.question = {{name_of("www.example.com"), RrType::A, RrClass::IN}};
  message.answer = {record_of("example.com", RrType::A, RrClass::ANY, 0),
                    record_of("www.example.com", RrType::A, RrClass::ANY, 0),
                    record_of("WWW.example.com", RrType::A, RrClass::ANY, 0),
                    record_of("a.com", RrType::A, RrClass::ANY, 0),
                    record_of("com.x", RrType::A, RrClass::ANY, 0),
                    record_of(".", RrType::A, RrClass::ANY, 0)};
  const auto octets = write_message(message);
  REQUIRE(octets);
  CHECK(to_hex(*octets) ==
        "000000000001000600000000"                    // header
        "03777777076578616d706c6503636f6d0000010001"  // question
        "c010000100ff000000000000"                    // example.com
        "c00c000100ff000000000000"                    // www.example.com
        "03575757c010000100ff000000000000"            // WWW of the same
        "0161c018000100ff000000000000"                // a.com
        "03636f6d017800000100ff000000000000"          // com.x
        "00000100ff000000000000");                    // the root
  const auto back = read_message(*octets);
  REQUIRE(back);
  CHECK(back->answer[2].owner.to_string() == "WWW.example.com");
}

TEST_CASE("header flags go out and come back one by one") {
  const auto flags = GENERATE(0x8400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010, 0xa809, 0x2800);
  Bytes octets = from_hex("123400000000000000000000");
  octets[2] = static_cast<std::byte>(flags >> 8);
  octets[3] = static_cast<std::byte>(flags & 0xff);
  const auto message = read_message(octets);
  REQUIRE(message);
  CHECK(to_hex(write_message(*message).value()) == to_hex(octets));
}

TEST_CASE("a message over 65535 octets is not written and not read") {
  Message message;
  message.answer = {{name_of("x"), RrType(65280), RrClass::IN, 0, std::string(65535, 'x')}};
  CHECK_THAT(write_message(message).error().what, ContainsSubstring("longer than 65535"));
  message.answer[0].rdata.resize(65535 - 12 - 13);
  const auto largest = write_message(message);
  REQUIRE(largest);
  CHECK(largest->size() == 65535);
  CHECK(read_message(*largest) == message);
  message.answer[0].rdata += 'x';
  CHECK_FALSE(write_message(message));
  CHECK_FALSE(read_message(Bytes(65536)));
}

struct HostileRow {
  std::string_view what;
  std::string hex;
  std::string_view cause;
};

constexpr std::string_view kNoCounts = "123484000000000000000000";
constexpr std::string_view kOneAnswer = "123484000000000100000000";
constexpr std::string_view kOneQuestion = "123484000001000000000000";

std::string join(std::string_view header, std::string_view rest) {
  return std::string(header) + std::string(rest);
}

TEST_CASE("a hostile message is refused, and where is said") {
  const HostileRow row = GENERATE(
      HostileRow{"nothing at all", "", "the header runs past the end"},
      HostileRow{"half a header", "123484000001", "the header runs past the end"},
      HostileRow{"octets behind the end", join(kNoCounts, "00"), "octets follow the last record"},
      HostileRow{"65535 answers promised",
                 "12348400000000ffff0000"
                 "00",
                 "runs past the end"},
      HostileRow{"a question without its name", std::string(kOneQuestion), "a name runs past"},
      HostileRow{"a question without its type", join(kOneQuestion, "00"), "a question runs past"},
      HostileRow{"a pointer at itself", join(kOneQuestion, "c00c00010001"), "go backwards"},
      HostileRow{"a pointer ahead", join(kOneQuestion, "c00e000001000100"), "go backwards"},
      HostileRow{"a loop of two", join(kOneQuestion, "0161c00c00010001"), "go backwards"},
      HostileRow{"half a pointer", join(kOneQuestion, "c0"), "runs past the end"},
      HostileRow{"a pointer into the void", join(kOneQuestion, "ffff00010001"), "go backwards"},
      HostileRow{"a label type of old", join(kOneQuestion, "4161c00000010001"), "label type"},
      HostileRow{"a label past the end", join(kOneQuestion, "0561"), "a name runs past the end"},
      HostileRow{"data past the end", join(kOneAnswer, "0000010001000000000005c0000201"),
                 "the record data runs past the end"},
      HostileRow{"an A of three octets", join(kOneAnswer, "0000010001000000000003c00002"),
                 "runs past the end"},
      HostileRow{"an A of five octets", join(kOneAnswer, "0000010001000000000005c000020101"),
                 "length it states"},
      HostileRow{"an A of none", join(kOneAnswer, "0000010001000000000000"), "runs past the end"},
      HostileRow{"a TXT of none", join(kOneAnswer, "0000100001000000000000"), "form of TXT"},
      HostileRow{"a TXT string past its end", join(kOneAnswer, "0000100001000000000002ff61"),
                 "form of TXT"},
      HostileRow{"an MX name past its data", join(kOneAnswer, "00000f00010000000000030001016100"),
                 "length it states"},
      HostileRow{"an OPT with an owner", join(kOneAnswer, "016100002904d0000000000000"),
                 "not the root"});
  INFO(row.what);
  const auto message = read_message(from_hex(row.hex));
  REQUIRE_FALSE(message);
  CHECK_THAT(message.error().what, ContainsSubstring(std::string(row.cause)));
  CHECK(message.error().offset <= row.hex.size() / 2);
}

TEST_CASE("pointers cannot build a name over 255 octets") {
  // Five labels of 60 octets, each pointing at the one before: 305 octets and a root.
  std::string hex = "123484000006000000000000";
  std::string target;
  for (int i = 0; i < 6; ++i) {
    const std::size_t here = hex.size() / 2;
    hex += "3c" + std::string(120, '6') + (target.empty() ? "00" : target) + "00010001";
    const Bytes pointer{static_cast<std::byte>(0xc0 | here >> 8),
                        static_cast<std::byte>(here & 0xff)};
    target = to_hex(pointer);
  }
  const auto message = read_message(from_hex(hex));
  REQUIRE_FALSE(message);
  CHECK(message.error().what == "a name is longer than 255 octets");
}

TEST_CASE("no beginning of a message is a message") {
  const Bytes whole = from_hex(captures::kFullUpdate);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(read_message(std::span(whole).first(length)));
  }
}

}  // namespace
}  // namespace ronda::dnsupdate
