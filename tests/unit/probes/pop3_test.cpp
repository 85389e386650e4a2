#include "probes/protocols.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;

CheckSpec pop3(TlsMode tls = TlsMode::off) {
  return {.kind = "pop3", .protocol = Pop3Check{}, .tls = tls};
}

struct Row {
  const char* name;
  TlsMode tls;
  Lines events;
  Lines actions;
};

const std::string kQuit = ">QUIT\\x0d\\x0a";
const std::string kUpgrade = ">STLS\\x0d\\x0a";

}  // namespace

TEST_CASE("POP3: events and actions") {
  const Row rows[] = {
      {"plain",
       TlsMode::off,
       {"open", "<+OK <1.2@pop>\r\n", "<+OK bye\r\n", "end"},
       {kQuit, "pass L7OK: +OK <1.2@pop>"}},
      {"the sign alone", TlsMode::off, {"open", "<+OK\n"}, {kQuit, "pass L7OK: +OK"}},
      {"an error for a greeting",
       TlsMode::off,
       {"open", "<-ERR [SYS/TEMP] too busy\r\n"},
       {kQuit, "fail L7STS: expected +OK, got \"-ERR [SYS/TEMP] too busy\""}},
      {"another protocol",
       TlsMode::off,
       {"open", "<+OKAY\r\n"},
       {"close", "fail L7RSP: expected +OK, got \"+OKAY\""}},
      {"closed in the middle",
       TlsMode::off,
       {"open", "<+O", "end"},
       {"close", "fail L7RSP: expected +OK, connection closed, got \"+O\""}},
      {"STLS",
       TlsMode::starttls,
       {"open", "<+OK\r\n", "<+OK begin\r\n", "upgraded"},
       {kUpgrade, "tls", kQuit, "pass L7OK: +OK"}},
      {"STLS refused",
       TlsMode::starttls,
       {"open", "<+OK\r\n", "<-ERR what?\r\n"},
       {kUpgrade, kQuit, "fail L7STS: STLS: expected +OK, got \"-ERR what?\""}},
      {"bytes injected behind the STLS reply",
       TlsMode::starttls,
       {"open", "<+OK\r\n", "<+OK\r\n+OK\r\n"},
       {kUpgrade, "close",
        "fail L7RSP: bytes between the STLS reply and the handshake (injected?), got "
        "\"+OK\\x0d\\x0a\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto whole = pop3_dialogue(pop3(row.tls));
    CHECK(play(*whole, row.events) == row.actions);
    const auto pieces = pop3_dialogue(pop3(row.tls));
    if (row.tls == TlsMode::off) {
      CHECK(play(*pieces, in_single_bytes(row.events)) == row.actions);
    }
  }
}

TEST_CASE("POP3: login") {
  CheckSpec check = pop3();
  std::get<Pop3Check>(check.protocol).login = *Login::parse("u\npw", "f");
  const auto good = pop3_dialogue(check);
  CHECK(play(*good, {"open", "<+OK\r\n", "<+OK\r\n", "<+OK 3 messages\r\n"}) ==
        Lines{">USER u\\x0d\\x0a", ">PASS pw\\x0d\\x0a", kQuit, "pass L7OK: +OK"});
  const auto bad = pop3_dialogue(check);
  CHECK(play(*bad, {"open", "<+OK\r\n", "<+OK\r\n", "<-ERR [AUTH] no\r\n"}).back() ==
        "fail L7STS: PASS: expected +OK, got \"-ERR [AUTH] no\"");
}

}  // namespace ronda::probes
