#include "probes/step_dialogue.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;
using enum TcpStepKind;

Lines run(const std::vector<TcpStep>& steps, const Lines& events, bool secured = false,
          std::size_t read_limit = 64 * 1024) {
  StepDialogue dialogue(steps, read_limit, secured);
  return play(dialogue, events);
}

}  // namespace

TEST_CASE("tcp without steps: connected is enough") {
  CHECK(run({}, {"open"}) == Lines{"close", "pass L4OK: connected"});
  CHECK(run({}, {"open"}, true) == Lines{"close", "pass L6OK: connected"});
}

TEST_CASE("tcp steps: events and actions") {
  struct Row {
    const char* name;
    std::vector<TcpStep> steps;
    Lines events;
    Lines actions;
  };
  const Row rows[] = {
      {"one buffer through expect and octets",
       {{expect, "^220"}, {expect_bytes, "mail"}, {send, "x"}, {expect, "^250 ok"}},
       {"open", "<220 mail", "<\r\n", "<junk\r\n250 ok\r\n"},
       {">x", "pass L7OK: 4 steps held"}},
      {"send first",
       {{send, "PING\r\n"}, {expect, "PONG"}},
       {"open", "<+PO", "<NG\r\n", "<more"},
       {">PING\\x0d\\x0a", "pass L7OK: 2 steps held"}},
      {"only sends", {{send, "a"}}, {"open"}, {">a", "pass L4OK: 1 steps held"}},
      {"closed too early",
       {{expect, "^220"}},
       {"open", "<421 no\r\n", "end"},
       {"close", "fail L7RSP: expected /^220/, got \"421 no\\x0d\\x0a\", connection closed"}},
      {"rejected at once instead of at the timeout",
       {{reject, "^4"}, {expect, "^220"}},
       {"open", "<421 no\r\n"},
       {"fail L7STS: rejected by /^4/, got \"421 no\\x0d\\x0a\""}},
      {"a reject holds for the next expect only",
       {{reject, "^4"}, {expect, "^220"}, {expect, "bye"}},
       {"open", "<220 a\r\n421 no\r\nbye"},
       {"pass L7OK: 3 steps held"}},
      {"starttls",
       {{expect, "^220.*\n"}, {send, "S"}, {expect, "^go\n"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<220 x\n", "<go\n", "upgraded", "<hi"},
       {">S", "tls", "pass L7OK: 5 steps held"}},
      {"bytes injected before the handshake",
       {{expect, "^go\n"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<go\nhi"},
       {"close", "fail L7RSP: bytes before the TLS handshake (injected?), got \"hi\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(run(row.steps, row.events) == row.actions);
  }
}

TEST_CASE("tcp: the read limit and the number of pieces are bounded") {
  const auto over =
      run({{expect, "needle"}}, {"open", "<" + std::string(1000, 'x') + "needle"}, false, 512);
  REQUIRE(over.size() == 2);
  CHECK_THAT(over[1], ContainsSubstring("512 bytes of read_limit"));

  StepDialogue slow({{expect, "needle"}}, 512 * 1024, false);
  std::vector<std::string> out;
  play(slow, "open", out);
  int pieces = 0;
  while (out.empty() && pieces < 100000) {
    play(slow, "<x", out);
    ++pieces;
  }
  CHECK(pieces < 20000);
  REQUIRE(out.size() == 2);
  CHECK_THAT(out[1], ContainsSubstring("too many small pieces"));
}

TEST_CASE("tcp: any octet matches, whatever the encoding") {
  CHECK(run({{expect, "a.b"}}, {"open", std::string("<a\xff") + "b"}).back() ==
        "pass L7OK: 1 steps held");
}

}  // namespace ronda::probes
