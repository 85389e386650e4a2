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
      {"only sends", {{send, "a"}}, {"open"}, {">a", "pass L4OK: 1 step held"}},
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
      {"bytes injected while the handshake begins",
       {{expect, "^go\n"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<go\n", "<hi"},
       {"tls", "close", "fail L7RSP: bytes came before the TLS handshake, got \"hi\""}},
      {"the rest of a line whose beginning was expected is waited for, as it is no injection",
       {{expect, "^220"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<220", "< go\n", "upgraded", "<hi"},
       {"tls", "pass L7OK: 3 steps held"}},
      {"and has to end",
       {{expect, "^220"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<220 go", "end"},
       {"close", "fail L7RSP: connection closed before the TLS handshake"}},
      {"what follows that line is one",
       {{expect, "^220"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<220 go\nhi"},
       {"close", "fail L7RSP: bytes before the TLS handshake (injected?), got \"hi\""}},
      {"octets have no rest",
       {{expect_bytes, "S"}, {starttls, ""}, {expect, "hi"}},
       {"open", "<S", "upgraded", "<hi"},
       {"tls", "pass L7OK: 3 steps held"}},
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

TEST_CASE("tcp: what matches does not depend on the pieces it comes in") {
  struct Row {
    const char* name;
    std::vector<TcpStep> steps;
    Lines events;
    std::string verdict;  // how the last action begins; empty: none
  };
  const Row rows[] = {
      {"a line that goes on", {{expect, "^OK$"}}, {"open", "<OK", "<AY not\r\n"}, ""},
      {"a line that ends", {{expect, "^OK$"}}, {"open", "<OK", "<\n"}, "pass L7OK"},
      {"CR belongs to the line", {{expect, "^OK$"}}, {"open", "<OK\r\n"}, ""},
      {"unless it may stand there", {{expect, "^OK\\r?$"}}, {"open", "<OK\r\n"}, "pass L7OK"},
      {"the connection ends the line", {{expect, "^OK$"}}, {"open", "<OK", "end"}, "pass L7OK"},
      {"and all the text", {{expect, "OK\\z"}}, {"open", "<OK", "< OK", "end"}, "pass L7OK"},
      {"a word that goes on",
       {{expect, "^role master\\b"}},
       {"open", "<role master", "<less\n"},
       ""},
      {"a word that ends",
       {{expect, "^role master\\b"}},
       {"open", "<role master", "<,"},
       "pass L7OK"},
      {"nothing depends on what follows a prompt",
       {{expect, "word: "}},
       {"open", "<word: "},
       "pass L7OK"},
      {"a rejected line that goes on",
       {{reject, "^ERR$"}, {expect, "^done"}},
       {"open", "<ERR", "<OR-free\ndone"},
       "pass L7OK"},
      {"a rejected line that ends",
       {{reject, "^ERR$"}, {expect, "^done"}},
       {"open", "<ERR", "<\n"},
       "fail L7STS"},
      {"a rejected word goes on behind what is expected",
       {{reject, "OK$"}, {expect, "OK"}},
       {"open", "<OKAY\n"},
       "pass L7OK"},
      {"closed: what follows is sent to nobody, the rest still counts",
       {{expect, "^OK$"}, {send, "QUIT"}, {expect, "bye"}},
       {"open", "<bye OK\nOK", "end"},
       "fail L7RSP: expected /bye/"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Lines whole = run(row.steps, row.events);
    CHECK((whole.empty() ? "" : whole.back()).starts_with(row.verdict));
    CHECK(whole.empty() == row.verdict.empty());
    CHECK(run(row.steps, in_single_bytes(row.events)) == whole);
  }
}

TEST_CASE("tcp: a line begins where the server begins it, not where the last match ended") {
  const std::vector<TcpStep> steps{{expect, "^STATUS="}, {expect, "^OK"}};
  CHECK(run(steps, {"open", "<STATUS=OK\r\n"}).empty());
  CHECK(run(steps, {"open", "<STATUS=", "<OK\r\n"}).empty());
  CHECK(run(steps, {"open", "<STATUS=\nOK\r\n"}).back() == "pass L7OK: 2 steps held");
  CHECK(run({{expect, "^220"}, {reject, "^-"}, {expect, "ready"}}, {"open", "<220-mx ready\r\n"}) ==
        Lines{"pass L7OK: 3 steps held"});
  CHECK(run({{expect, "a"}, {expect, "\\bb"}}, {"open", "<ab"}).empty());
  CHECK(run({{expect_bytes, "a"}, {expect, "^b"}}, {"open", "<ab"}).empty());
  // \A is where the last match ended, and TLS begins anew.
  CHECK(run({{expect, "a"}, {expect, "\\Ab"}}, {"open", "<ab"}).back() ==
        "pass L7OK: 2 steps held");
  CHECK(run({{expect, "a"}, {expect, "\\Ab"}}, {"open", "<acb"}).empty());
  CHECK(run({{expect_bytes, "a"}, {starttls, ""}, {expect, "^b"}}, {"open", "<a", "upgraded", "<b"})
            .back() == "pass L7OK: 3 steps held");
}

TEST_CASE("tcp: a cut is named beside a pass, too") {
  const std::string flood(2000, 'x');
  CHECK(run({{expect, "^x"}}, {"open", "<" + flood}, false, 512) ==
        Lines{"pass L7OK: 1 step held, cut at the 512 bytes of read_limit"});
  CHECK(run({{expect, "^x"}}, {"open", "<" + flood.substr(0, 512)}, false, 512) ==
        Lines{"pass L7OK: 1 step held"});
}

TEST_CASE("tcp: any octet matches, whatever the encoding") {
  CHECK(run({{expect, "a.b"}}, {"open", std::string("<a\xff") + "b"}).back() ==
        "pass L7OK: 1 step held");
}

}  // namespace ronda::probes
