#include "net/digest.hpp"
#include "probes/mysql_login.hpp"
#include "tests/unit/probes/packets.hpp"

namespace ronda::probes {
namespace {

const std::string kLogin = "probe\nsecret\n";
constexpr const char* kSalt = "abcdefghijklmnopqrst";

CheckSpec check_of(const char* login = nullptr, Role role = Role::any, TlsMode tls = TlsMode::off) {
  DatabaseCheck made{.database = Database::mysql, .role = role};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return {.kind = "mysql", .protocol = made, .tls = tls};
}

std::string packet(int number, const std::string& content) {
  const std::size_t size = content.size();
  return std::string{static_cast<char>(size & 0xff), static_cast<char>(size >> 8), '\0',
                     static_cast<char>(number)} +
         content;
}
// It can do everything, or what `low` says in the second octet of its capabilities.
std::string greeting(const std::string& plugin = kNativePassword, const char low = '\xff') {
  return packet(0, "\x0a" + octets("5.5.5-10.11.4-MariaDB-1\0\1\0\0\0abcdefgh\0\xff") + low +
                       octets("\x2d\2\0") + octets("\xff\x81\x15") + std::string(10, '\0') +
                       octets("ijklmnopqrst\0") + plugin + '\0');
}
std::string error(int number, int code, const std::string& words) {
  return packet(number, std::string("\xff") + static_cast<char>(code & 0xff) +
                            static_cast<char>(code >> 8) + words);
}
std::string ok(int number) {
  return packet(number, octets("\0\0\0\2\0\0\0"));
}
std::string rows(const std::string& value) {
  const std::string end = octets("\xfe\0\0\2\0");
  return packet(1, "\1") + packet(2, octets("\3def\0\0\0\x12@@global.read_only")) + packet(3, end) +
         packet(4, static_cast<char>(value.size()) + value) + packet(5, end);
}

// What introduces us, in hexadecimal digits: 32 octets, the name, the answer, the plugin.
std::string hello(int number, const std::string& wishes, const std::string& user,
                  const std::string& answer, const std::string& plugin) {
  const std::string tail = user + '\0' + static_cast<char>(answer.size()) + answer + plugin + '\0';
  std::string head = wishes;
  head += octets("\0\0\0\1\x2d") + std::string(23, '\0');
  return ">" + net::in_hex(packet(number, head + tail));
}
const std::string kWishes = octets("\1\x82\x08\0");
const std::string kTlsWishes = octets("\1\x8a\x08\0");
const std::string kNobody = hello(1, kWishes, "ronda", "", kNativePassword);
const std::string kQuit = ">" + net::in_hex(packet(0, "\1"));
const std::string kAsk = ">" + net::in_hex(packet(0, "\3SELECT @@global.read_only"));

// As play(), but with what is sent in hexadecimal digits: much of it is longer than printable
// shows.
Lines act(Dialogue& dialogue, const Lines& events) {
  Lines out;
  for (const std::string& event : events) {
    const DialogueActions actions = event == "open"       ? dialogue.on(Opened{})
                                    : event == "upgraded" ? dialogue.on(Upgraded{})
                                    : event == "end"      ? dialogue.on(Ended{})
                                                          : dialogue.on(Heard{event.substr(1)});
    for (const DialogueAction& action : actions) {
      if (const auto* send = std::get_if<Send>(&action)) {
        out.push_back(">" + net::in_hex(send->bytes));
      } else if (std::holds_alternative<StartTls>(action)) {
        out.emplace_back("tls");
      } else if (std::holds_alternative<Close>(action)) {
        out.emplace_back("close");
      } else if (const auto* finish = std::get_if<Finish>(&action)) {
        out.push_back(std::string(to_string(finish->result.verdict)) + " " +
                      to_string(finish->result.code) + ": " + finish->result.detail);
      }
    }
  }
  return out;
}

void expect_rows(const CheckSpec& check, const std::vector<PacketRow>& all) {
  for (const PacketRow& row : all) {
    CAPTURE(row.name);
    CHECK(act(*mysql_dialogue(check), row.events) == row.actions);
    CHECK(act(*mysql_dialogue(check), in_single_bytes(row.events)) == row.actions);
  }
}

Lines heard(std::initializer_list<std::string> all) {
  Lines events{"open"};
  for (const std::string& one : all) {
    events.push_back("<" + one);
  }
  return events;
}

}  // namespace

// Values of Python's hashlib.
TEST_CASE("mysql: answers to the question for a password") {
  CHECK(net::in_hex(mysql_answer(kNativePassword, "secret", kSalt)) ==
        "8817c50fa779daef010ee7577825b0847df9842e");
  CHECK(net::in_hex(mysql_answer(kCachingSha2, "secret", kSalt)) ==
        "c76e2898612a4cf042c77fa8c4702c4c64c0c2c557c53c4d75595aaa6abae809");
  CHECK(mysql_answer(kNativePassword, "", kSalt).empty());
  CHECK_FALSE(speaks_mysql_plugin("mysql_old_password"));
}

TEST_CASE("mysql: greetings, whole and cut anywhere") {
  const std::string whole = greeting().substr(4);
  const auto read = read_mysql_greeting(whole);
  REQUIRE(read);
  CHECK(read->server == "MariaDB 10.11.4");
  CHECK(read->salt == kSalt);
  CHECK(read->plugin == kNativePassword);
  const std::size_t plugin = std::string(kNativePassword).size() + 1;
  for (std::size_t size = 0; size < whole.size() - plugin; ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_mysql_greeting(whole.substr(0, size)));
  }
  CHECK(read_mysql_greeting(whole.substr(0, whole.size() - 1))->plugin == kNativePassword);
  CHECK_FALSE(read_mysql_greeting("\x09" + whole.substr(1)));
}

TEST_CASE("mysql: without a login it has to speak, and is answered") {
  const std::string wanted = "expected a word about the login, got ";
  expect_rows(
      check_of(),
      {
          {"denied",
           heard({greeting(), error(2, 1045, "#28000Access denied for user 'ronda'")}),
           {kNobody, "close",
            "pass L7OK: MariaDB 10.11.4 speaks: 1045 \"Access denied for user 'ronda'\""}},
          {"let in",
           heard({greeting(), ok(2)}),
           {kNobody, kQuit, "pass L7OK: MariaDB 10.11.4 ready"}},
          {"another plugin",
           heard({greeting(),
                  packet(2, octets("\xfe"
                                   "caching_sha2_password\0ABCDEFGHIJKLMNOPQRST\0")),
                  error(4, 1698, "#28000Access denied")}),
           {kNobody, ">" + net::in_hex(packet(3, "")), "close",
            "pass L7OK: MariaDB 10.11.4 speaks: 1698 \"Access denied\""}},
          {"a plugin that is not spoken",
           heard({greeting(), packet(2, octets("\xfe"
                                               "client_ed25519\0ABCDEFGH"))}),
           {kNobody, ">" + net::in_hex(packet(3, std::string(64, '\0'))),
            "pass L7OK: MariaDB 10.11.4 speaks: wants a login by client_ed25519"}},
          {"one with more than one answer",
           heard({greeting(), packet(2, octets("\xfeparsec\0") + std::string(32, 'R'))}),
           {kNobody, ">" + net::in_hex(packet(3, "")),
            "pass L7OK: MariaDB 10.11.4 speaks: wants a login by parsec"}},
          {"a host it does not let in",
           heard({error(0, 1130, "Host 'a' is not allowed to connect")}),
           {"close", "pass L7OK: speaks: 1130 \"Host 'a' is not allowed to connect\""}},
          {"a host that is locked out",
           heard({error(0, 1129, "Host 'a' is blocked")}),
           {"close", "fail L7STS: expected a greeting of MySQL, got 1129 \"Host 'a' is blocked\""}},
          {"full",
           heard({error(0, 1040, "Too many connections")}),
           {"close",
            "fail L7STS: expected a greeting of MySQL, got 1040 \"Too many connections\""}},
          {"shuts down",
           heard({greeting(), error(2, 1053, "#08S01Server shutdown in progress")}),
           {kNobody, "close", "fail L7STS: " + wanted + "1053 \"Server shutdown in progress\""}},
          {"an error cut short",
           heard({packet(0, "\xff\x10")}),
           {"close", "fail L7STS: expected a greeting of MySQL, got 0 \"\""}},
          {"an empty packet",
           heard({packet(0, "")}),
           {"close", "fail L7RSP: expected a greeting of MySQL, got an empty packet"}},
          {"closed",
           {"open", "<" + packet(0, "\x0a").substr(0, 3), "end"},
           {"close",
            "fail L7RSP: expected a greeting of MySQL, got \"\\x01\\x00\\x00\", connection "
            "closed"}},
      });
  CHECK(mysql_dialogue(check_of())->on(Opened{}).empty());  // nothing is said before it has spoken
}

TEST_CASE("mysql: logins") {
  const std::string wanted = "expected OK to the login, got ";
  const std::string native = mysql_answer(kNativePassword, "secret", kSalt);
  const std::string sha2 = mysql_answer(kCachingSha2, "secret", kSalt);
  const std::string plain = hello(1, kWishes, "probe", native, kNativePassword);
  const std::string cached = hello(1, kWishes, "probe", sha2, kCachingSha2);
  const std::string ready = "pass L7OK: MariaDB 10.11.4 ready";
  expect_rows(
      check_of(kLogin.c_str()),
      {
          {"native", heard({greeting(), ok(2)}), {plain, kQuit, ready}},
          {"a plugin that is not spoken in the greeting",
           heard({greeting("auth_gssapi"), ok(2)}),
           {plain, kQuit, ready}},
          {"caching_sha2 from the cache",
           heard({greeting(kCachingSha2), packet(2, "\1\3"), ok(3)}),
           {cached, kQuit, ready}},
          {"caching_sha2 wants the password",
           heard({greeting(kCachingSha2), packet(2, "\1\4")}),
           {cached, ">" + net::in_hex(packet(3, octets("\0"))),
            "fail L7STS: " + wanted +
                "a wish for the password itself (caching_sha2_password, first login), which ronda "
                "says only under TLS"}},
          {"a change to native",
           heard({greeting(kCachingSha2),
                  packet(2, octets("\xfemysql_native_password\0ABCDEFGHIJKLMNOPQRST\0")), ok(4)}),
           {cached,
            ">" + net::in_hex(
                      packet(3, mysql_answer(kNativePassword, "secret", "ABCDEFGHIJKLMNOPQRST"))),
            kQuit, ready}},
          {"a change to what is not spoken",
           heard({greeting(), packet(2, octets("\xfe"
                                               "client_ed25519\0salt"))}),
           {plain, ">" + net::in_hex(packet(3, std::string(64, '\0'))),
            "fail L7STS: " + wanted +
                "a wish for a login by client_ed25519; ronda has mysql_native_password and "
                "caching_sha2_password"}},
          {"a native server that wishes for the password",
           heard({greeting(), packet(2, "\1\4")}),
           {plain, "close", "fail L7RSP: " + wanted + "\"\\x04\" in the login"}},
          {"a change without a name",
           heard({greeting(), packet(2, "\xfe")}),
           {plain, "close", "fail L7RSP: " + wanted + "a login of before 4.1"}},
          {"denied",
           heard({greeting(), error(2, 1045, "#28000Access denied")}),
           {plain, "close", "fail L7STS: " + wanted + "1045 \"Access denied\""}},
          {"a host it does not let in",
           heard({error(0, 1130, "Host 'a'")}),
           {"close", "fail L7STS: expected a greeting of MySQL, got 1130 \"Host 'a'\""}},
          {"too old for it",
           heard({greeting(kNativePassword, '\x7d')}),
           {"close",
            "fail L7RSP: expected a greeting of MySQL, got MariaDB 10.11.4, which is older than "
            "4.1"}},
      });
  const auto dialogue = mysql_dialogue(check_of(kLogin.c_str()));
  dialogue->on(Opened{});
  CHECK(std::get<Send>(dialogue->on(Heard{greeting()}).at(0)).secrets == Lines{native});
}

TEST_CASE("mysql: the role") {
  const std::string login =
      hello(1, kWishes, "probe", mysql_answer(kNativePassword, "secret", kSalt), kNativePassword);
  const std::string wanted = "expected 0 from @@global.read_only, got ";
  const auto asked = [&](const std::string& answer) { return heard({greeting(), ok(2), answer}); };
  const std::string end = octets("\xfe\0\0\2\0");
  expect_rows(check_of(kLogin.c_str(), Role::primary),
              {
                  {"a primary",
                   asked(rows("0")),
                   {login, kAsk, kQuit, "pass L7OK: MariaDB 10.11.4 ready, a primary"}},
                  {"a primary of MariaDB 12",
                   asked(rows("OFF")),
                   {login, kAsk, kQuit, "pass L7OK: MariaDB 10.11.4 ready, a primary"}},
                  {"read-only",
                   asked(rows("1")),
                   {login, kAsk, kQuit, "fail L7STS: " + wanted + "\"1\": it is read-only"}},
                  {"no row", asked(rows("0").substr(0, 9 + 4 + 26 + 5 - 4)), {login, kAsk}},
                  {"two columns",
                   asked(packet(1, "\2")),
                   {login, kAsk, "close", "fail L7RSP: " + wanted + "another answer"}},
                  {"no row at all",
                   asked(packet(1, "\1") + packet(2, "def") + packet(3, end) + packet(4, end)),
                   {login, kAsk, "close", "fail L7RSP: " + wanted + "another answer"}},
                  {"a row that is longer than it says",
                   asked(packet(1, "\1") + packet(2, "def") + packet(3, end) + packet(4, "\1000")),
                   {login, kAsk, "close", "fail L7RSP: " + wanted + "another row"}},
                  {"NULL",
                   asked(packet(1, "\1") + packet(2, "def") + packet(3, end) + packet(4, "\xfb")),
                   {login, kAsk, "close", "fail L7RSP: " + wanted + "another row"}},
                  {"an error",
                   asked(error(1, 1053, "#08S01Server shutdown in progress")),
                   {login, kAsk, "close",
                    "fail L7STS: " + wanted + "1053 \"Server shutdown in progress\""}},
              });
}

TEST_CASE("mysql: TLS inside the greeting") {
  const std::string native = mysql_answer(kNativePassword, "secret", kSalt);
  const std::string ask =
      ">" + net::in_hex(packet(1, kTlsWishes + octets("\0\0\0\1\x2d") + std::string(23, '\0')));
  const std::string sha2 = mysql_answer(kCachingSha2, "secret", kSalt);
  const std::string not_offered =
      "fail L7RSP: expected a greeting of MySQL, got MariaDB 10.11.4: TLS is not offered";
  expect_rows(
      check_of(kLogin.c_str(), Role::any, TlsMode::starttls),
      {
          {"offered",
           {"open", "<" + greeting(), "upgraded", "<" + ok(3)},
           {ask, "tls", hello(2, kTlsWishes, "probe", native, kNativePassword), kQuit,
            "pass L7OK: MariaDB 10.11.4 ready"}},
          {"the password itself",
           {"open", "<" + greeting(kCachingSha2), "upgraded", "<" + packet(3, "\1\4"), "<" + ok(5)},
           {ask, "tls", hello(2, kTlsWishes, "probe", sha2, kCachingSha2),
            ">" + net::in_hex(packet(4, octets("secret\0"))), kQuit,
            "pass L7OK: MariaDB 10.11.4 ready"}},
          {"the password twice",
           {"open", "<" + greeting(kCachingSha2), "upgraded", "<" + packet(3, "\1\4"),
            "<" + packet(5, "\1\4")},
           {ask, "tls", hello(2, kTlsWishes, "probe", sha2, kCachingSha2),
            ">" + net::in_hex(packet(4, octets("secret\0"))), "close",
            "fail L7RSP: expected OK to the login, got \"\\x04\" in the login"}},
          // Who leaves here, or at a change of the login, counts as a connection broken off.
          {"not offered",
           heard({greeting(kNativePassword, '\xf7'), error(2, 1045, "#28000Access denied")}),
           {kNobody, "close", not_offered}},
          {"not offered, and another plugin",
           heard({greeting(kNativePassword, '\xf7'),
                  packet(2, octets("\xfe"
                                   "caching_sha2_password\0ABCDEFGHIJKLMNOPQRST\0")),
                  error(4, 1045, "#28000Access denied")}),
           {kNobody, ">" + net::in_hex(packet(3, "")), "close", not_offered}},
          {"not offered, and a plugin that is not spoken",
           heard({greeting(kNativePassword, '\xf7'), packet(2, octets("\xfeparsec\0salt"))}),
           {kNobody, ">" + net::in_hex(packet(3, "")), not_offered}},
          {"not offered, and let in",
           heard({greeting(kNativePassword, '\xf7'), ok(2)}),
           {kNobody, kQuit, not_offered}},
          {"not offered, and shuts down",
           heard({greeting(kNativePassword, '\xf7'), error(2, 1053, "#08S01Shutdown")}),
           {kNobody, "close",
            "fail L7STS: expected a word about the login, got 1053 \"Shutdown\""}},
          {"bytes after the greeting",
           heard({greeting(), "x"}),
           {ask, "tls", "close", "fail L7RSP: bytes came before the TLS handshake, got \"x\""}},
      });
  CHECK(act(*mysql_dialogue(check_of(nullptr, Role::any, TlsMode::starttls)),
            {"open", "<" + greeting() + "x"})
            .back() == "fail L7RSP: bytes before the TLS handshake (injected?), got \"x\"");
  CHECK(act(*mysql_dialogue(check_of(nullptr, Role::any, TlsMode::starttls)),
            heard({error(0, 1130, "Host 'a'")})) ==
        Lines{"close", "fail L7STS: expected a greeting of MySQL, got 1130 \"Host 'a'\""});
}

TEST_CASE("mysql: other protocols and lengths that lie") {
  const std::string wanted = "fail L7RSP: expected a greeting of MySQL, got ";
  const auto last = [](const std::string& bytes) {
    CheckSpec check = check_of();
    check.read_limit = 512;
    return act(*mysql_dialogue(check), {"open", "<" + bytes}).back();
  };
  CHECK(last("220 mail\r\n") == wanted + "\"220 mail\\x0d\\x0a\"");
  CHECK(last("SSH-2.0-x\r\n") == wanted + "\"SSH-2.0-x\\x0d\\x0a\"");
  CHECK(last(octets("\xff\xff\xff\0")) ==
        wanted + "\"\\xff\\xff\\xff\\x00\" in the 512 bytes of read_limit");
  CHECK(last(packet(0,
                    "\x09"
                    "3.23")) == wanted + "\"\\x093.23\"");
}

}  // namespace ronda::probes
