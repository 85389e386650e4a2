#include "probes/protocols.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;

CheckSpec imap(TlsMode tls = TlsMode::off) {
  return {.kind = "imap", .protocol = ImapCheck{}, .tls = tls, .read_limit = 2048};
}

struct Row {
  const char* name;
  TlsMode tls;
  Lines events;
  Lines actions;
};

const std::string kAsk = ">a1 CAPABILITY\\x0d\\x0a";
const std::string kLeave = ">a2 LOGOUT\\x0d\\x0a";

}  // namespace

TEST_CASE("IMAP: events and actions") {
  const Row rows[] = {
      {"plain",
       TlsMode::off,
       {"open", "<* OK ready\r\n", "<* CAPABILITY IMAP4rev1 IDLE\r\na1 OK done\r\n",
        "<* BYE\r\na2 OK\r\n", "end"},
       {kAsk, kLeave, "pass L7OK: * OK ready"}},
      {"already logged in, another version, small letters, other news in between",
       TlsMode::off,
       {"open", "<* preauth hello\r\n", "<* 3 EXISTS\r\n* capability imap4REV2\r\na1 ok done\r\n"},
       {kAsk, kLeave, "pass L7OK: * preauth hello"}},
      {"BYE at once, and no farewell to one who hung up",
       TlsMode::off,
       {"open", "<* BYE overloaded\r\n"},
       {"close", "fail L7STS: expected OK or PREAUTH, got \"* BYE overloaded\""}},
      {"BYE in place of an answer",
       TlsMode::off,
       {"open", "<* OK\r\n", "<* BYE going down\r\n"},
       {kAsk, "close", "fail L7STS: CAPABILITY: expected OK, got \"* BYE going down\""}},
      {"a version nobody speaks any more",
       TlsMode::off,
       {"open", "<* OK\r\n", "<* CAPABILITY IMAP4 XIMAP4rev1\r\na1 OK\r\n"},
       {kAsk, kLeave,
        "fail L7RSP: IMAP4rev1 or IMAP4rev2 is not offered in the reply to CAPABILITY"}},
      {"the word elsewhere does not count",
       TlsMode::off,
       {"open", "<* OK\r\n", "<* OK IMAP4rev1\r\na1 OK IMAP4rev1\r\n"},
       {kAsk, kLeave,
        "fail L7RSP: IMAP4rev1 or IMAP4rev2 is not offered in the reply to CAPABILITY"}},
      {"refused",
       TlsMode::off,
       {"open", "<* OK\r\n", "<* CAPABILITY IMAP4rev1\r\na1 BAD no\r\n"},
       {kAsk, kLeave, "fail L7STS: CAPABILITY: expected OK, got \"a1 BAD no\""}},
      {"somebody else's tag",
       TlsMode::off,
       {"open", "<* OK\r\n", "<* CAPABILITY IMAP4rev1\r\na7 OK\r\n"},
       {kAsk, kLeave, "fail L7STS: CAPABILITY: expected OK, got \"a7 OK\""}},
      {"another protocol",
       TlsMode::off,
       {"open", "<+OK ready\r\n"},
       {"close", "fail L7RSP: expected OK or PREAUTH, got \"+OK ready\""}},
      {"closed before the greeting",
       TlsMode::off,
       {"open", "end"},
       {"close", "fail L7RSP: expected OK or PREAUTH, connection closed, got nothing"}},
      {"starttls",
       TlsMode::starttls,
       {"open", "<* OK\r\n", "<* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n",
        "<a2 OK begin\r\n", "upgraded", "<* CAPABILITY IMAP4rev1\r\na3 OK\r\n"},
       {kAsk, ">a2 STARTTLS\\x0d\\x0a", "tls", ">a3 CAPABILITY\\x0d\\x0a", ">a4 LOGOUT\\x0d\\x0a",
        "pass L7OK: * OK"}},
      {"starttls not offered",
       TlsMode::starttls,
       {"open", "<* OK\r\n", "<* CAPABILITY IMAP4rev1 XSTARTTLS\r\na1 OK\r\n"},
       {kAsk, kLeave, "fail L7RSP: STARTTLS is not offered in the reply to CAPABILITY"}},
      {"no STARTTLS for one who is logged in already",
       TlsMode::starttls,
       {"open", "<* PREAUTH hello\r\n"},
       {">a1 LOGOUT\\x0d\\x0a", "fail L7STS: expected OK, got \"* PREAUTH hello\""}},
      {"bytes injected behind the STARTTLS reply",
       TlsMode::starttls,
       {"open", "<* OK\r\n", "<* CAPABILITY STARTTLS\r\na1 OK\r\n",
        "<a2 OK\r\n* CAPABILITY IMAP4rev1\r\na3 OK\r\n"},
       {kAsk, ">a2 STARTTLS\\x0d\\x0a", "close",
        "fail L7RSP: bytes between the STARTTLS reply and the handshake (injected?), got \"* "
        "CAPABILITY IMAP4rev1\\x0d\\x0aa3 OK\\x0d\\x0a\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto whole = imap_dialogue(imap(row.tls));
    CHECK(play(*whole, row.events) == row.actions);
  }
}

TEST_CASE("IMAP: login") {
  CheckSpec check = imap();
  std::get<ImapCheck>(check.protocol).login = *Login::parse("u\np\"w", "f");
  const Lines start{"open", "<* OK\r\n", "<* CAPABILITY IMAP4rev1\r\na1 OK\r\n"};
  const std::string login = R"(>a2 LOGIN "u" "p\"w"\x0d\x0a)";

  const auto good = imap_dialogue(check);
  CHECK(play(*good, start) == Lines{kAsk, login});
  CHECK(play(*good, {"<* CAPABILITY IMAP4rev1\r\na2 OK [ALERT] hi\r\n"}) ==
        Lines{">a3 LOGOUT\\x0d\\x0a", "pass L7OK: * OK"});

  const auto bad = imap_dialogue(check);
  play(*bad, start);
  CHECK(play(*bad, {"<a2 NO [AUTHENTICATIONFAILED] no\r\n"}) ==
        Lines{">a3 LOGOUT\\x0d\\x0a",
              "fail L7STS: LOGIN: expected OK, got \"a2 NO [AUTHENTICATIONFAILED] no\""});

  // RFC 9051 6.2.3: then LOGIN must not be sent.
  const Lines barred{"open", "<* OK\r\n",
                     "<* CAPABILITY IMAP4rev1 STARTTLS logindisabled\r\na1 OK\r\n"};
  const auto clear = imap_dialogue(check);
  CHECK(play(*clear, barred) ==
        Lines{kAsk, kLeave,
              "fail L7RSP: LOGINDISABLED in the reply to CAPABILITY: the server takes no LOGIN in "
              "clear text; write \"tls\": \"starttls\", or type imaps"});
  check.tls = TlsMode::implicit;
  const auto secured = imap_dialogue(check);
  CHECK(play(*secured, barred).back() ==
        "fail L7RSP: LOGINDISABLED in the reply to CAPABILITY: the server takes no LOGIN at all; "
        "leave out login_file");
  const auto barred_but_known = imap_dialogue(check);
  CHECK(play(*barred_but_known,
             {"open", "<* PREAUTH\r\n", "<* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na1 OK\r\n"})
            .back() == "pass L7OK: * PREAUTH");
  check.tls = TlsMode::off;
  const auto nobody = imap_dialogue(imap());
  CHECK(play(*nobody, barred).back() == "pass L7OK: * OK");

  // Who is logged in already is not asked.
  const auto known = imap_dialogue(check);
  CHECK(play(*known, {"open", "<* PREAUTH\r\n", "<* CAPABILITY IMAP4rev1\r\na1 OK\r\n"}) ==
        Lines{kAsk, ">a3 LOGOUT\\x0d\\x0a", "pass L7OK: * PREAUTH"});
}

TEST_CASE("IMAP: single bytes come to the same end, endless news to a bounded one") {
  const Lines events{"open", "<* OK hi\r\n", "<* CAPABILITY IMAP4rev1\r\na1 OK\r\n"};
  const auto dialogue = imap_dialogue(imap());
  CHECK(play(*dialogue, in_single_bytes(events)) == Lines{kAsk, kLeave, "pass L7OK: * OK hi"});

  const auto endless = imap_dialogue(imap());
  Lines news{"open", "<* OK\r\n"};
  for (int i = 0; i < 500; ++i) {
    news.emplace_back("<* 1 EXISTS\r\n");
  }
  const auto cut = play(*endless, news);
  REQUIRE(cut.size() == 3);
  CHECK_THAT(cut[2], ContainsSubstring("2048 bytes of read_limit"));
}

}  // namespace ronda::probes
