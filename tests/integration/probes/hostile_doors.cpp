#include "tests/integration/probes/hostile_doors.hpp"

#include <algorithm>
#include <utility>

#include "probes/kinds.hpp"
#include "tests/integration/probes/prober.hpp"

namespace ronda::test {

namespace {

using namespace std::string_literals;
using probes::CheckSpec;
using probes::find_kind;
using probes::Kind;
using probes::Login;
using probes::TlsMode;

CheckSpec check_of(const Kind& kind, TlsMode tls) {
  CheckSpec check = make_check(std::string(kind.name), kind.initial, tls);
  check.tls_settings.verify = false;
  check.read_limit = kind.read_limit;
  return check;
}

CheckSpec check_of(const char* kind, TlsMode tls) {
  return check_of(*find_kind(kind), tls);
}

CheckSpec check_of(const char* kind) {
  return check_of(kind, find_kind(kind)->default_tls);
}

// With a login, for the kinds that have one.
template <typename Protocol>
CheckSpec with_login(CheckSpec check) {
  std::get<Protocol>(check.protocol).login = *Login::parse("probe\nsecret\n", "f");
  return check;
}

Door greeting(CheckSpec check, std::vector<Turn> turns) {
  return {.check = std::move(check), .turns = std::move(turns)};
}

Door question(CheckSpec check, std::vector<Turn> turns) {
  return {.check = std::move(check), .client_first = true, .turns = std::move(turns)};
}

const Turn kSmtpGreeting{.answer = "220 mx ESMTP\r\n", .endless = "220-mx\r\n"};
const Turn kSmtpHello{.answer = "250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
                      .endless = "250-mx\r\n"};
const Turn kSmtpDone{.answer = "250 ok\r\n", .endless = "250-ok\r\n"};
const Turn kFtpGreeting{.answer = "220 ready\r\n", .endless = "220-ready\r\n"};
const Turn kFtpUser{.answer = "331 password\r\n", .endless = "331-password\r\n"};
const Turn kFtpPassword{.answer = "230 welcome\r\n", .endless = "230-welcome\r\n"};
const Turn kImapGreeting{.answer = "* OK ready\r\n", .endless = "* 1 EXISTS\r\n"};
const Turn kPop3Good{.answer = "+OK ready\r\n", .endless = "+OK"};

Turn imap_capability(const std::string& tag) {
  return {.answer = "* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + " OK done\r\n",
          .endless = "* CAPABILITY IMAP4rev1\r\n"};
}

Turn imap_done(const std::string& tag) {
  return {.answer = tag + " OK go ahead\r\n", .endless = "* 1 EXISTS\r\n"};
}

Turn then_tls(Turn turn, std::size_t octets_before = 0) {
  turn.secures = octets_before;
  return turn;
}

std::vector<Door> mail_doors() {
  using probes::SmtpCheck;
  std::vector<Door> doors;
  for (const char* kind : {"smtp", "smtps", "lmtp"}) {
    doors.push_back(greeting(check_of(kind), {kSmtpGreeting, kSmtpHello}));
  }
  const Turn go_ahead{.answer = "220 go ahead\r\n", .endless = "220-go\r\n"};
  doors.push_back(greeting(check_of("smtp", TlsMode::starttls),
                           {kSmtpGreeting, kSmtpHello, then_tls(go_ahead), kSmtpHello}));
  doors.push_back(
      greeting(with_login<SmtpCheck>(check_of("smtps")),
               {kSmtpGreeting, kSmtpHello, {.answer = "235 ok\r\n", .endless = "235-ok\r\n"}}));
  Door mailbox =
      greeting(check_of("lmtp"), {kSmtpGreeting, kSmtpHello, kSmtpDone, kSmtpDone, kSmtpDone});
  std::get<SmtpCheck>(mailbox.check.protocol).rcpt = "probe@example.test";
  doors.push_back(mailbox);
  return doors;
}

std::vector<Door> mailbox_doors() {
  using probes::ImapCheck;
  using probes::Pop3Check;
  std::vector<Door> doors;
  for (const char* kind : {"imap", "imaps"}) {
    doors.push_back(greeting(check_of(kind), {kImapGreeting, imap_capability("a1")}));
  }
  doors.push_back(greeting(with_login<ImapCheck>(check_of("imap")),
                           {kImapGreeting, imap_capability("a1"), imap_done("a2")}));
  doors.push_back(greeting(
      check_of("imap", TlsMode::starttls),
      {kImapGreeting, imap_capability("a1"), then_tls(imap_done("a2")), imap_capability("a3")}));
  for (const char* kind : {"pop3", "pop3s"}) {
    doors.push_back(greeting(check_of(kind), {kPop3Good}));
  }
  doors.push_back(
      greeting(with_login<Pop3Check>(check_of("pop3")), {kPop3Good, kPop3Good, kPop3Good}));
  doors.push_back(greeting(with_login<Pop3Check>(check_of("pop3", TlsMode::starttls)),
                           {kPop3Good, then_tls(kPop3Good), kPop3Good, kPop3Good}));
  return doors;
}

std::vector<Door> file_doors(std::uint16_t open_port) {
  using probes::FtpCheck;
  std::vector<Door> doors;
  for (const char* kind : {"ftp", "ftps"}) {
    doors.push_back(greeting(check_of(kind), {kFtpGreeting}));
  }
  const Turn go_ahead{.answer = "234 go ahead\r\n", .endless = "234-go\r\n"};
  doors.push_back(greeting(with_login<FtpCheck>(check_of("ftp", TlsMode::starttls)),
                           {kFtpGreeting, then_tls(go_ahead), kFtpUser, kFtpPassword}));
  doors.push_back(
      greeting(with_login<FtpCheck>(check_of("ftp")), {kFtpGreeting, kFtpUser, kFtpPassword}));
  const Turn passive{.answer = "227 here (127,0,0,1," + std::to_string(open_port / 256) + "," +
                               std::to_string(open_port % 256) + ")\r\n",
                     .endless = "227-here\r\n"};
  const Turn stamp{.answer = "213 20260101000000\r\n", .endless = "213-20260101000000\r\n"};
  Door anonymous =
      greeting(check_of("ftp"), {kFtpGreeting, kFtpUser, kFtpPassword, passive, stamp});
  auto& ftp = std::get<FtpCheck>(anonymous.check.protocol);
  ftp.anonymous = true;
  ftp.passive = true;
  ftp.mdtm = "stamp";
  doors.push_back(anonymous);
  return doors;
}

Turn web_answer(const std::string& body, const std::string& endless = "X-More: and more\r\n") {
  return {.answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body,
          .endless = endless,
          .beginning = "HTTP/1.1 200 OK\r\n"};
}

Turn endless_body(Turn turn) {
  turn.beginning = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n";
  return turn;
}

// Frames of RFC 9113: length, type, flags, stream. The endless ones are DATA that holds nothing.
Turn web_answer_in_frames() {
  const std::string settings = "\0\0\0\4\0\0\0\0\0"s;
  const std::string status_200 = "\0\0\1\1\4\0\0\0\1\x88"s;
  return {.answer = settings + status_200 + "\0\0\2\0\1\0\0\0\1ok"s,
          .endless = "\0\0\0\0\0\0\0\0\1"s,
          .beginning = settings + status_200};
}

std::vector<Door> web_doors() {
  std::vector<Door> doors;
  for (const char* kind : {"http", "https"}) {
    Door two = question(check_of(kind), {web_answer_in_frames()});
    auto& http = std::get<probes::HttpCheck>(two.check.protocol);
    http.version = probes::HttpVersion::two;
    http.body = "^ok$";
    doors.push_back(two);
    Door web = question(check_of(kind), {web_answer("ok")});
    std::get<probes::HttpCheck>(web.check.protocol).body = "^ok$";
    doors.push_back(web);
    web.turns[0] = endless_body(web.turns[0]);
    doors.push_back(web);
  }
  return doors;
}

// What a `load` asks.
std::vector<Door> load_doors() {
  const auto check = [](std::string_view name, TlsMode tls) {
    return check_of(*std::ranges::find(probes::load_kinds(), name, &Kind::name), tls);
  };
  const std::string line = "node_load1 1\n";
  const std::string host = line + "node_cpu_seconds_total{mode=\"idle\"} 1\n";
  std::vector<Door> doors;
  for (const TlsMode tls : {TlsMode::off, TlsMode::implicit}) {
    doors.push_back(greeting(check("agent", tls), {{.answer = "up 50%\n", .endless = "up"}}));
    doors.push_back(question(check("node_exporter", tls), {endless_body(web_answer(host, line))}));
    doors.push_back(question(check("number", tls), {endless_body(web_answer("0.5", "1"))}));
  }
  return doors;
}

std::vector<Door> other_doors() {
  std::vector<Door> doors;
  Door steps = greeting(check_of("tcp"), {{.answer = "ready\r\n", .endless = "not yet\r\n"}});
  std::get<probes::TcpCheck>(steps.check.protocol).steps = {
      {.kind = probes::TcpStepKind::expect, .text = "^ready"}};
  doors.push_back(steps);
  doors.push_back(greeting(check_of("tls"), {}));
  doors.push_back(greeting(check_of("ssh"), {{.answer = "SSH-2.0-x\r\n", .endless = "hello\r\n"}}));
  const Turn pong{.answer = "+PONG\r\n", .endless = "+PONGPONG"};
  doors.push_back(question(check_of("redis"), {pong}));
  doors.push_back(question(with_login<probes::PresetCheck>(check_of("redis", TlsMode::implicit)),
                           {{.answer = "+OK\r\n", .endless = "+OKOK"}, pong}));
  doors.push_back(
      question(check_of("memcached"), {{.answer = "VERSION 1\r\n", .endless = "VERSION 1"}}));
  const auto response = [](const std::string& id_and_tag) {
    return Turn{.answer = "0\x0c\x02\x01" + id_and_tag + "\x07\x0a\x01\0\x04\0\x04\0"s,
                .endless = "0"};
  };
  doors.push_back(question(check_of("ldap"), {response("\x01\x61")}));
  doors.push_back(question(check_of("ldap", TlsMode::starttls),
                           {then_tls(response("\x01\x78")), response("\x02\x61")}));
  doors.push_back(question(check_of("mqtt"), {{.answer = "\x20\x02\0\0"s, .endless = "\x20"}}));
  doors.push_back(
      question(check_of("sip"), {{.answer = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                                  .endless = "SIP/2.0 100 Trying\r\n\r\n"}}));
  return doors;
}

std::vector<Door> database_doors() {
  using probes::DatabaseCheck;
  std::vector<Door> doors;
  const Turn wants_md5{.answer = "R\0\0\0\x0c\0\0\0\x05salt"s, .endless = "N\0\0\0\4"s};
  doors.push_back(question(check_of("postgresql"), {wants_md5}));
  doors.push_back(question(check_of("postgresql", TlsMode::starttls),
                           {then_tls({.answer = "S", .endless = "N\0\0\0\4"s}), wants_md5}));
  Door primary =
      question(check_of("postgresql"),
               {wants_md5,
                {.answer = "R\0\0\0\x08\0\0\0\0Z\0\0\0\5I"s,
                 .endless = "S\0\0\0\6a\0"s,
                 .beginning = "R\0\0\0\x08\0\0\0\0"s},
                {.answer = "D\0\0\0\x0b\0\1\0\0\0\1fZ\0\0\0\5I"s, .endless = "C\0\0\0\4"s}});
  primary.check = with_login<DatabaseCheck>(primary.check);
  std::get<DatabaseCheck>(primary.check.protocol).role = probes::Role::primary;
  doors.push_back(primary);
  // A greeting that can do everything.
  const std::string able = "G\0\0\0\x0a"s + "8.0\0\1\0\0\0abcdefgh\0\xff\xff\x2d\2\0\xff\xff\x15"s +
                           std::string(10, '\0') + "ijklmnopqrst\0"s + "mysql_native_password\0"s;
  const Turn hello{.answer = able, .endless = able};
  const auto denied = [](const std::string& number) {
    return Turn{.answer = "\5\0\0"s + number + "\xff\x15\4no", .endless = "\1\0\0\2\1"s};
  };
  doors.push_back(greeting(check_of("mysql"), {hello, denied("\2")}));
  constexpr std::size_t kWish = 36;  // the packet that asks for TLS
  doors.push_back(
      greeting(check_of("mysql", TlsMode::starttls), {then_tls(hello, kWish), denied("\3")}));
  return doors;
}

}  // namespace

std::size_t Door::first_secured_turn() const {
  const auto at =
      std::ranges::find_if(turns, [](const Turn& turn) { return turn.secures.has_value(); });
  return at == turns.end() ? 0 : static_cast<std::size_t>(at - turns.begin()) + 1;
}

std::vector<Door> all_doors(std::uint16_t open_port, net::Duration timeout) {
  std::vector<Door> doors = mail_doors();
  for (auto& more : {mailbox_doors(), file_doors(open_port), web_doors(), load_doors(),
                     other_doors(), database_doors()}) {
    doors.insert(doors.end(), more.begin(), more.end());
  }
  for (Door& door : doors) {
    door.check.timeout = timeout;
  }
  return doors;
}

}  // namespace ronda::test
