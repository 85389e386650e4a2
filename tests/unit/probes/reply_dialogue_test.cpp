#include "probes/reply_dialogue.hpp"

#include "probes/protocols.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;

CheckSpec smtp(TlsMode tls = TlsMode::off, std::size_t read_limit = 64 * 1024) {
  return {.kind = "smtp", .protocol = SmtpCheck{}, .tls = tls, .read_limit = read_limit};
}

struct Row {
  const char* name;
  TlsMode tls;
  Lines events;
  Lines actions;
};

const std::string kHello = ">EHLO me.example\\x0d\\x0a";
const net::IpAddress kLocal = net::IpAddress::from_v4({127, 0, 0, 1});
const std::string kQuit = ">QUIT\\x0d\\x0a";
const std::string kStartTls = ">STARTTLS\\x0d\\x0a";

}  // namespace

TEST_CASE("SMTP: events and actions") {
  const Row rows[] = {
      {"plain",
       TlsMode::off,
       {"open", "<220 mx ESMTP\r\n", "<250-mx\r\n250 SIZE\r\n", "<221 bye\r\n", "end"},
       {kHello, kQuit, "pass L7OK: 220 mx ESMTP"}},
      {"multi-line greeting",
       TlsMode::off,
       {"open", "<220-mx\r\n220-no spam\r\n220 ESMTP\r\n", "<250 mx\r\n"},
       {kHello, kQuit, "pass L7OK: 220-mx"}},
      {"codes alone and bare line feeds",
       TlsMode::off,
       {"open", "<220\n", "<250\n"},
       {kHello, kQuit, "pass L7OK: 220"}},
      {"421 at once, and no farewell to one who hung up",
       TlsMode::off,
       {"open", "<421 too many users\r\n", "end"},
       {"close", "fail L7STS: expected 220, got \"421 too many users\""}},
      {"554",
       TlsMode::off,
       {"open", "<554-go\r\n554 away\r\n"},
       {kQuit, "fail L7STS: expected 220, got \"554-go\""}},
      {"EHLO refused",
       TlsMode::off,
       {"open", "<220 mx\r\n", "<502 what?\r\n"},
       {kHello, kQuit, "fail L7STS: EHLO: expected 250, got \"502 what?\""}},
      {"closed before the greeting",
       TlsMode::off,
       {"open", "end"},
       {"close", "fail L7RSP: expected 220, connection closed, got nothing"}},
      {"closed inside a multi-line greeting",
       TlsMode::off,
       {"open", "<220-mx\r\n", "end"},
       {"close", "fail L7RSP: expected 220, connection closed, got \"220-mx\""}},
      {"refused at its first line: the rest is not waited for, nor talked into",
       TlsMode::off,
       {"open", "<421-too many users\r\n"},
       {"close", "fail L7STS: expected 220, got \"421-too many users\""}},
      {"refused to EHLO: the whole reply is heard",
       TlsMode::off,
       {"open", "<220 mx\r\n", "<550-no\r\n", "<550 really\r\n"},
       {kHello, kQuit, "fail L7STS: EHLO: expected 250, got \"550-no\""}},
      {"an empty line is not nothing",
       TlsMode::off,
       {"open", "<\r\n220 mx\r\n"},
       {"close", "fail L7RSP: expected 220, got an empty line"}},
      {"another protocol",
       TlsMode::off,
       {"open", "<SSH-2.0-OpenSSH_9\r\n"},
       {"close", "fail L7RSP: expected 220, got \"SSH-2.0-OpenSSH_9\""}},
      {"no code of a reply",
       TlsMode::off,
       {"open", "<620 mx\r\n"},
       {"close", "fail L7RSP: expected 220, got \"620 mx\""}},
      {"a code changed in mid-reply",
       TlsMode::off,
       {"open", "<220-mx\r\n250 mx\r\n"},
       {"close", "fail L7RSP: expected 220, got \"250 mx\""}},
      {"starttls, capability on the last line",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-mx\r\n250 STARTTLS\r\n", "<220 go\r\n", "upgraded",
        "<250 mx\r\n"},
       {kHello, kStartTls, "tls", kHello, kQuit, "pass L7OK: 220 mx"}},
      {"starttls, capability in the middle and in small letters",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-mx\r\n250-starttls\r\n250 SIZE\r\n", "<454 not now\r\n"},
       {kHello, kStartTls, kQuit, "fail L7STS: STARTTLS: expected 220, got \"454 not now\""}},
      {"starttls not offered: neither as part of a word nor as the server's name",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-STARTTLS\r\n250-XSTARTTLS\r\n250 STARTTLSX\r\n"},
       {kHello, kQuit, "fail L7RSP: STARTTLS is not offered in the reply to EHLO"}},
      {"bytes injected behind the STARTTLS reply",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-mx\r\n250 STARTTLS\r\n", "<220 go\r\n250 x\r\n"},
       {kHello, kStartTls, "close",
        "fail L7RSP: bytes between the STARTTLS reply and the handshake (injected?), got \"250 "
        "x\\x0d\\x0a\""}},
      {"bytes injected while the handshake begins",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-mx\r\n250 STARTTLS\r\n", "<220 go\r\n", "<250 x\r\n"},
       {kHello, kStartTls, "tls", "close",
        "fail L7RSP: bytes came before the TLS handshake, got \"250 x\\x0d\\x0a\""}},
      {"421 behind the handshake",
       TlsMode::starttls,
       {"open", "<220 mx\r\n", "<250-mx\r\n250 STARTTLS\r\n", "<220 go\r\n", "upgraded",
        "<421 no\r\n"},
       {kHello, kStartTls, "tls", kHello, "close",
        "fail L7STS: EHLO: expected 250, got \"421 no\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto whole = smtp_dialogue(smtp(row.tls), "me.example");
    CHECK(play(*whole, row.events) == row.actions);
  }
}

TEST_CASE("LMTP says LHLO") {
  const CheckSpec check{.kind = "lmtp", .protocol = SmtpCheck{.lmtp = true}};
  const auto dialogue = smtp_dialogue(check, "me.example");
  CHECK(play(*dialogue, {"open", "<220 lmtp\r\n", "<250-me\r\n250 PIPELINING\r\n"}) ==
        Lines{">LHLO me.example\\x0d\\x0a", kQuit, "pass L7OK: 220 lmtp"});
}

TEST_CASE("SMTP: login and a mailbox") {
  CheckSpec check = smtp();
  std::get<SmtpCheck>(check.protocol).login = *Login::parse("u\np", "f");
  std::get<SmtpCheck>(check.protocol).rcpt = "who@example.com";
  const Lines hello{"open", "<220 mx\r\n", "<250-mx\r\n250 AUTH LOGIN PLAIN\r\n"};
  const std::string auth = ">AUTH PLAIN AHUAcA==\\x0d\\x0a";

  const auto good = smtp_dialogue(check, "me.example");
  CHECK(play(*good, hello) == Lines{kHello, auth});
  CHECK(play(*good, {"<235 in\r\n", "<250 ok\r\n", "<251 forwarded\r\n", "<250 ok\r\n"}) ==
        Lines{">MAIL FROM:<>\\x0d\\x0a", ">RCPT TO:<who@example.com>\\x0d\\x0a", ">RSET\\x0d\\x0a",
              kQuit, "pass L7OK: 220 mx"});

  const auto relay = smtp_dialogue(check, "me.example");
  play(*relay, hello);
  CHECK(play(*relay, {"<235 in\r\n", "<250 ok\r\n", "<554 5.7.1 Relay access denied\r\n"}).back() ==
        "fail L7STS: RCPT: expected 250 or 251, got \"554 5.7.1 Relay access denied\"");

  const auto refused = smtp_dialogue(check, "me.example");
  play(*refused, hello);
  CHECK(play(*refused, {"<535 no\r\n"}) ==
        Lines{kQuit, "fail L7STS: AUTH: expected 235, got \"535 no\""});

  for (const char* lines : {"250 AUTH LOGIN", "250 PLAIN AUTH", "250 AUTHPLAIN", "250 SIZE"}) {
    CAPTURE(lines);
    const auto without = smtp_dialogue(check, "me.example");
    CHECK(play(*without, {"open", "<220 mx\r\n", "<250-mx\r\n" + std::string(lines) + "\r\n"}) ==
          Lines{kHello, kQuit, "fail L7RSP: AUTH PLAIN is not offered in the reply to EHLO"});
  }
}

TEST_CASE("SMTP: single bytes come to the same end") {
  const Lines events{
      "open",     "<220-mx\r\n220 ESMTP\r\n", "<250-mx\r\n250 STARTTLS\r\n", "<220 go\r\n",
      "upgraded", "<250-mx\r\n250 SIZE\r\n"};
  const auto dialogue = smtp_dialogue(smtp(TlsMode::starttls), "me.example");
  CHECK(play(*dialogue, in_single_bytes(events)) ==
        Lines{kHello, kStartTls, "tls", kHello, kQuit, "pass L7OK: 220-mx"});
}

TEST_CASE("SMTP: nothing is written before the server has spoken a whole greeting") {
  const auto dialogue = smtp_dialogue(smtp(), "me.example");
  CHECK(play(*dialogue, {"open", "<22", "<0-mx\r\n", "<220-more\r\n", "<220 "}).empty());
  CHECK(dialogue->waiting_for() == "expected 220, got \"220-mx\"");
  CHECK(play(*dialogue, {"<mx\r\n"}) == Lines{kHello});
  CHECK(dialogue->waiting_for() == "EHLO: expected 250, got nothing");
}

TEST_CASE("SMTP: what comes is bounded by line and by read limit") {
  const auto long_line = smtp_dialogue(smtp(), "me.example");
  const auto out = play(*long_line, {"open", "<220 " + std::string(5000, 'x')});
  REQUIRE(out.size() == 2);
  CHECK_THAT(out[1], ContainsSubstring("over 4096 bytes"));
  for (const std::size_t length : {4096U, 4097U}) {
    const auto edge = smtp_dialogue(smtp(), "me.example");
    const std::string line = "220 " + std::string(length - 5, 'x') + "\r";
    REQUIRE(line.size() == length);
    CHECK((play(*edge, {"open", "<" + line + "\n"}) == Lines{kHello}) == (length == 4096));
  }

  // Endless continuation lines.
  const auto endless = smtp_dialogue(smtp(TlsMode::off, 1024), "me.example");
  Lines events{"open"};
  for (int i = 0; i < 200; ++i) {
    events.emplace_back("<220-again\r\n");
  }
  const auto cut = play(*endless, events);
  REQUIRE(cut.size() == 2);
  CHECK_THAT(cut[1], ContainsSubstring("1024 bytes of read_limit"));

  // A reply that ends exactly at the limit is whole, one octet more is too much.
  const std::string greeting = "220 " + std::string(506, 'x') + "\r\n";
  REQUIRE(greeting.size() == 512);
  const auto exact = smtp_dialogue(smtp(TlsMode::off, 512), "me.example");
  CHECK(play(*exact, {"open", "<" + greeting}) == Lines{kHello});
  CHECK(play(*exact, {"<2"}).size() == 2);
}

TEST_CASE("SMTP: the configured name wins, the host's is a full name or an address literal") {
  CheckSpec check = smtp();
  std::get<SmtpCheck>(check.protocol).helo = "probe.example";
  const auto dialogue = smtp_dialogue(check, "me.example");
  CHECK(play(*dialogue, {"open", "<220 mx\r\n"}) == Lines{">EHLO probe.example\\x0d\\x0a"});

  const auto v4 = net::IpAddress::from_v4({127, 0, 0, 1});
  CHECK(ehlo_name("mon1.example.com", v4) == "mon1.example.com");
  for (const auto* unfit : {"mon1", "", "a_b.example", "mon1.", ".example", "10.0.0.1"}) {
    CAPTURE(unfit);
    CHECK(ehlo_name(unfit, v4) == "[127.0.0.1]");
  }
  CHECK(ehlo_name("mon1", *net::IpAddress::parse("::1")) == "[IPv6:::1]");
}

TEST_CASE("FTP: events and actions") {
  const Row rows[] = {
      {"plain",
       TlsMode::off,
       {"open", "<220 ready\r\n", "<221 bye\r\n"},
       {kQuit, "pass L7OK: 220 ready"}},
      {"free text inside a multi-line greeting (RFC 959)",
       TlsMode::off,
       {"open", "<220-hello\r\n welcome\r\n\r\n550 is no end\r\n220 ready\r\n"},
       {kQuit, "pass L7OK: 220-hello"}},
      {"a line of another code is no end",
       TlsMode::off,
       {"open", "<220-hello\r\n550 is no end\r\n", "end"},
       {"close", "fail L7RSP: expected 220, connection closed, got \"220-hello\""}},
      {"120 is waited for once",
       TlsMode::off,
       {"open", "<120 in a minute\r\n", "<220 ready\r\n"},
       {kQuit, "pass L7OK: 220 ready"}},
      {"120 twice",
       TlsMode::off,
       {"open", "<120 a\r\n120 b\r\n"},
       {kQuit, "fail L7STS: expected 220, got \"120 b\""}},
      {"too many users",
       TlsMode::off,
       {"open", "<421 too many users\r\n"},
       {"close", "fail L7STS: expected 220, got \"421 too many users\""}},
      {"530",
       TlsMode::off,
       {"open", "<530 no\r\n"},
       {kQuit, "fail L7STS: expected 220, got \"530 no\""}},
      {"530 with more to come",
       TlsMode::off,
       {"open", "<530-no\r\n"},
       {"close", "fail L7STS: expected 220, got \"530-no\""}},
      {"AUTH TLS",
       TlsMode::starttls,
       {"open", "<220 ready\r\n", "<234 go\r\n", "upgraded"},
       {">AUTH TLS\\x0d\\x0a", "tls", kQuit, "pass L7OK: 220 ready"}},
      {"AUTH TLS wants ADAT",
       TlsMode::starttls,
       {"open", "<220 ready\r\n", "<334 more\r\n"},
       {">AUTH TLS\\x0d\\x0a", kQuit, "fail L7STS: AUTH: expected 234, got \"334 more\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const CheckSpec check{.kind = "ftp", .protocol = FtpCheck{}, .tls = row.tls};
    const auto whole = ftp_dialogue(check, kLocal);
    CHECK(play(*whole, row.events) == row.actions);
    const auto pieces = ftp_dialogue(check, kLocal);
    CHECK(play(*pieces, in_single_bytes(row.events)) == row.actions);
  }
}

TEST_CASE("FTP: login and the passive port") {
  CheckSpec check{.kind = "ftp", .protocol = FtpCheck{.passive = true}};
  auto& ftp = std::get<FtpCheck>(check.protocol);
  ftp.login = *Login::parse("u\npw", "f");
  const std::string user = ">USER u\\x0d\\x0a";
  const std::string password = ">PASS pw\\x0d\\x0a";
  const std::string pasv = ">PASV\\x0d\\x0a";
  const Lines start{"open", "<220 ftp\r\n", "<331 who?\r\n", "<230-hello\r\n230 in\r\n"};

  const auto good = ftp_dialogue(check, kLocal);
  CHECK(play(*good, start) == Lines{user, password, pasv});
  CHECK(play(*good, {"<227 go (10,9,8,7,4,1)\r\n", "side open"}) ==
        Lines{"side 1025", kQuit, "pass L7OK: 220 ftp"});

  const auto closed = ftp_dialogue(check, kLocal);
  play(*closed, start);
  CHECK(play(*closed, {"<227 go (10,9,8,7,4,1)\r\n", "side refused"}) ==
        Lines{"side 1025", kQuit, "fail L4CON: the passive port: Connection refused"});
  CHECK(closed->waiting_for() != "");

  const auto garbage = ftp_dialogue(check, kLocal);
  play(*garbage, start);
  CHECK(play(*garbage, {"<227 somewhere\r\n"}) ==
        Lines{kQuit, "fail L7RSP: PASV: expected 227 with a port, got \"227 somewhere\""});

  const auto gone = ftp_dialogue(check, kLocal);
  play(*gone, start);
  CHECK(play(*gone, {"<227 go (10,9,8,7,4,1)\r\n", "end"}) ==
        Lines{"side 1025", "close",
              "fail L7RSP: connection closed before the passive port was open, got nothing"});

  const auto several = ftp_dialogue(check, kLocal);
  play(*several, start);
  CHECK(play(*several, {"<227-here it comes\r\n 1,2,3,4,5,6\r\n227 (10,9,8,7,4,1)\r\n"}) ==
        Lines{"side 1025"});

  // Over IPv6 PASV has no words for the address.
  const auto v6 = ftp_dialogue(check, *net::IpAddress::parse("::1"));
  CHECK(play(*v6, start).back() == ">EPSV\\x0d\\x0a");
  CHECK(play(*v6, {"<229 ok (|||6446|)\r\n"}) == Lines{"side 6446"});

  // What nobody asked for is no answer to what is asked next.
  ftp.mdtm = "stamp";
  for (const Lines& events : {Lines{"<227 (10,9,8,7,4,1)\r\n421 closing\r\n", "side open"},
                              Lines{"<227 (10,9,8,7,4,1)\r\n", "<421 closing\r\n", "side open"},
                              Lines{"<227 (10,9,8,7,4,1)\r\n421 clos", "side open", "<ing\r\n"}}) {
    const auto hung_up = ftp_dialogue(check, kLocal);
    play(*hung_up, start);
    const Lines actions = play(*hung_up, events);
    REQUIRE(actions.size() >= 2);
    CHECK(actions[actions.size() - 2] == "close");
    CHECK_THAT(actions.back(), Catch::Matchers::StartsWith("fail L7STS: "));
    CHECK_THAT(actions.back(), ContainsSubstring("got \"421 closing\""));
  }
  const auto stale = ftp_dialogue(check, kLocal);
  play(*stale, start);
  CHECK(play(*stale, {"<227 (10,9,8,7,4,1)\r\n213 20260101000000\r\n"}) ==
        Lines{kQuit,
              "fail L7STS: PASV: expected no more while the passive port is opened, got \"213 "
              "20260101000000\""});

  ftp = FtpCheck{.anonymous = true};
  const auto anonymous = ftp_dialogue(check, kLocal);
  CHECK(play(*anonymous, {"open", "<220 ftp\r\n", "<230 no password wanted\r\n"}) ==
        Lines{">USER anonymous\\x0d\\x0a", kQuit, "pass L7OK: 220 ftp"});
  const auto refused = ftp_dialogue(check, kLocal);
  CHECK(play(*refused, {"open", "<220 ftp\r\n", "<530 not here\r\n"}).back() ==
        "fail L7STS: USER: expected 331 or 230, got \"530 not here\"");
}

}  // namespace ronda::probes
