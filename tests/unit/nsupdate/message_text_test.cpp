#include "dnsupdate/nsupdate/message_text.hpp"

#include "dnsupdate/wire/tsig.hpp"
#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

const Name kZone = Name::parse("example.com").value();

Message reply() {
  Message message;
  message.header = {.id = 4115, .opcode = Opcode::UPDATE, .qr = true, .rcode = 9};
  message.question.push_back({.name = kZone, .type = RrType::SOA});
  return message;
}

TEST_CASE("a reply as nsupdate prints it") {
  CHECK(message_text(reply()) ==
        ";; ->>HEADER<<- opcode: UPDATE, status: NOTAUTH, id:   4115\n"
        ";; flags: qr; ZONE: 1, PREREQ: 0, UPDATE: 0, ADDITIONAL: 0\n"
        ";; ZONE SECTION:\n"
        ";example.com.\t\t\tIN\tSOA\n\n");
}

TEST_CASE("a TSIG record as nsupdate prints it") {
  Message message = reply();
  const std::string algorithm = algorithm_name(TsigAlgorithm::hmac_sha256).wire();
  const std::string fields(
      "\x00\x00\x6b\x04\xf8\xbc\x01\x2c\x00\x03"
      "abc"
      "\x10\x13\x00\x10\x00\x00",
      19);
  message.additional.push_back({.owner = Name::parse("ronda").value(),
                                .type = RrType::TSIG,
                                .rr_class = RrClass::ANY,
                                .rdata = algorithm + fields});
  CHECK_THAT(message_text(message),
             ContainsSubstring(";; TSIG PSEUDOSECTION:\nronda.\t\t\t0\tANY\tTSIG\thmac-sha256. "
                               "1795487932 300 3 YWJj 4115 BADSIG 0 \n"));
  for (std::size_t length = 0; length < algorithm.size() + fields.size(); ++length) {
    message.additional.back().rdata = (algorithm + fields).substr(0, length);
    CHECK_THAT(message_text(message), ContainsSubstring("TSIG"));
  }
}

TEST_CASE("a query's sections have other names") {
  Message message = reply();
  message.header = {.id = 1, .qr = true, .aa = true, .ra = true};
  CHECK_THAT(message_text(message),
             ContainsSubstring("opcode: QUERY, status: NOERROR, id:      1\n;; flags: qr aa ra; "
                               "QUESTION: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0"));
}

}  // namespace
}  // namespace ronda::test
