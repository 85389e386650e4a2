#include "probes/kinds.hpp"
#include "tests/unit/probes/packets.hpp"

namespace ronda::probes {
namespace {

CheckSpec check_of(const char* login = nullptr, Role role = Role::any, TlsMode tls = TlsMode::off) {
  DatabaseCheck made{.database = Database::postgresql, .role = role};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return {.kind = "postgresql", .protocol = made, .tls = tls};
}

auto maker(const CheckSpec& check) {
  return [check] { return postgresql_dialogue(check, "c0ffee"); };
}

// A message of the server, as it is heard.
std::string message(char type, const std::string& content) {
  const std::size_t size = content.size() + 4;
  return type + octets("\0\0") + static_cast<char>(size >> 8) + static_cast<char>(size & 0xff) +
         content;
}
std::string request(char method, const std::string& rest = {}) {
  return message('R', octets("\0\0\0") + method + rest);
}
std::string error(const std::string& code, const std::string& words) {
  const std::string end(1, '\0');
  return message('E', "SFATAL" + end + "VFATAL" + end + "C" + code + end + "M" + words + end +
                          "Fmiscinit.c" + end + end);
}
const std::string kParameters = message('S', octets("server_version\00015.18\0")) +
                                message('S', octets("in_hot_standby\0off\0")) +
                                message('K', octets("\0\0\0\1\0\0\0\2"));
const std::string kReady = message('Z', "I");
std::string row(const std::string& value) {
  return message('T',
                 octets("\0\1pg_is_in_recovery\0\0\0\0\0\0\0\0\0\0\x10\0\1\xff\xff\xff\xff\0\0")) +
         message('D', octets("\0\1\0\0\0\1") + value) + message('C', octets("SELECT 1\0"));
}

const std::string kHello =
    R"(>\x00\x00\x00=\x00\x03\x00\x00user\x00ronda\x00database\x00postgres\x00)"
    R"(application_name\x00ronda\x00\x00)";
const std::string kProbeHello =
    R"(>\x00\x00\x00=\x00\x03\x00\x00user\x00probe\x00database\x00postgres\x00)"
    R"(application_name\x00ronda\x00\x00)";
const std::string kBye = R"(>X\x00\x00\x00\x04)";
const std::string kQuery = R"(>Q\x00\x00\x00*SELECT pg_catalog.pg_is_in_recovery()\x00)";
const std::string kLogin = "probe\nsecret\n";

// The login by SCRAM, up to and with the given last word of the server.
constexpr const char* kServerFirst = "r=c0ffeeSRV,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* kServerFinal = "v=2R3DLGfPJ/HL7uT9ILpwpabHDun93ijvKtlid/4J4Dw=";
const std::string kSaslFirst = R"(>p\x00\x00\x00$SCRAM-SHA-256\x00\x00\x00\x00\x0en,,n=,r=c0ffee)";
const std::string kSaslProof =
    R"(>p\x00\x00\x00Ec=biws,r=c0ffeeSRV,p=NuejJP8h9JB3IlTl7Ibwtwvjzvddhn0/o/xw0eR/5SA=)";

Lines heard(std::initializer_list<std::string> all) {
  Lines events{"open"};
  for (const std::string& one : all) {
    events.push_back("<" + one);
  }
  return events;
}

std::string mechanisms() {
  return request(10, octets("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"));
}

}  // namespace

TEST_CASE("postgresql: without a login it has to speak") {
  const std::string wanted = "expected a request for a login, got ";
  expect_packet_rows(
      maker(check_of()),
      {
          {"SCRAM",
           heard({mechanisms()}),
           {kHello, "close", "pass L7OK: speaks: wants a login by SASL"}},
          {"MD5",
           heard({request(5, "salt")}),
           {kHello, "close", "pass L7OK: speaks: wants a login by MD5"}},
          {"lets everybody in",
           heard({request(0), kParameters + kReady}),
           {kHello, kBye, "pass L7OK: PostgreSQL 15.18 ready"}},
          {"lets everybody in whom it knows",
           heard({request(0), error("28000", "no role")}),
           {kHello, "close", "pass L7OK: speaks: 28000 \"no role\""}},
          {"lets everybody in, but is full",
           heard({request(0), error("53300", "reserved")}),
           {kHello, "close", "fail L7STS: expected ReadyForQuery, got 53300 \"reserved\""}},
          {"a notice first",
           heard({message('N', octets("SNOTICE\0\0")), request(3)}),
           {kHello, "close", "pass L7OK: speaks: wants a login by a password"}},
          {"an unknown user",
           heard({error("28000", "role \"ronda\" does not exist")}),
           {kHello, "close", "pass L7OK: speaks: 28000 \"role \"ronda\" does not exist\""}},
          {"no such database",
           heard({error("3D000", "no")}),
           {kHello, "close", "pass L7OK: speaks: 3D000 \"no\""}},
          {"starts up",
           heard({error("57P03", "the database system is starting up")}),
           {kHello, "close",
            "fail L7STS: " + wanted + "57P03 \"the database system is starting up\""}},
          {"shuts down",
           heard({error("57P01", "terminating connection")}),
           {kHello, "close", "fail L7STS: " + wanted + "57P01 \"terminating connection\""}},
          {"is full",
           heard({error("53300", "sorry, too many clients already")}),
           {kHello, "close",
            "fail L7STS: " + wanted + "53300 \"sorry, too many clients already\""}},
          {"an error without a state",
           heard({message('E', octets("SFATAL\0Mno memory\0\0"))}),
           {kHello, "close", "fail L7STS: " + wanted + "\"no memory\""}},
          {"closes",
           {"open", "<R" + octets("\0\0"), "end"},
           {kHello, "close", "fail L7RSP: " + wanted + "\"R\\x00\\x00\", connection closed"}},
          {"ready before any login",
           heard({kReady}),
           {kHello, "close", "fail L7RSP: " + wanted + "a message of type 'Z'"}},
          {"a request without a method",
           heard({message('R', octets("\0\0"))}),
           {kHello, "close", "fail L7RSP: " + wanted + "a request for a login cut short"}},
          {"MD5 without all its salt",
           heard({request(5, "sal")}),
           {kHello, "close", "fail L7RSP: " + wanted + "a request for a login cut short"}},
          {"an error without fields",
           heard({message('E', "")}),
           {kHello, "close", "fail L7STS: " + wanted + "\"\""}},
          {"an error whose last field does not end",
           heard({message('E', "C28000")}),
           {kHello, "close", "fail L7STS: " + wanted + "\"\""}},
      });
  CHECK(maker(check_of())()->waiting_for() == "expected , got nothing");
}

TEST_CASE("postgresql: logins") {
  const std::string wanted = "expected AuthenticationOk, got ";
  const std::string welcome = request(0) + kParameters + kReady;
  const std::string ready = "pass L7OK: PostgreSQL 15.18 ready";
  expect_packet_rows(
      maker(check_of(kLogin.c_str())),
      {
          {"trusted", heard({welcome}), {kProbeHello, kBye, ready}},
          {"MD5",
           heard({request(5, "\1\2\3\4"), welcome}),
           {kProbeHello, R"(>p\x00\x00\x00(md5549d201a36e0ebb5f0dfdc4a36b362b2\x00)", kBye, ready}},
          {"SCRAM",
           heard({mechanisms(), request(11, kServerFirst), request(12, kServerFinal) + welcome}),
           {kProbeHello, kSaslFirst, kSaslProof, kBye, ready}},
          {"a server that does not know the password",
           heard({mechanisms(), request(11, kServerFirst),
                  request(12, "v=AR3DLGfPJ/HL7uT9ILpwpabHDun93ijvKtlid/4J4Dw=") + welcome}),
           {kProbeHello, kSaslFirst, kSaslProof, "close",
            "fail L7RSP: " + wanted +
                "a proof that is wrong: this server does not know the password"}},
          {"a server that proves nothing",
           heard({mechanisms(), request(11, kServerFirst), welcome}),
           {kProbeHello, kSaslFirst, kSaslProof, "close",
            "fail L7RSP: " + wanted + "it without a proof that this server knows the password"}},
          {"a server that asks for the proof again and again",
           heard({mechanisms(), request(11, kServerFirst), request(11, kServerFirst)}),
           {kProbeHello, kSaslFirst, kSaslProof, "close",
            "fail L7RSP: " + wanted + "a step of the login out of turn"}},
          {"a server that asks for another login in between",
           heard({mechanisms(), request(5, "salt")}),
           {kProbeHello, kSaslFirst, "close",
            "fail L7RSP: " + wanted + "a step of the login out of turn"}},
          {"two logins",
           heard({request(5, "\1\2\3\4"), mechanisms()}),
           {kProbeHello, R"(>p\x00\x00\x00(md5549d201a36e0ebb5f0dfdc4a36b362b2\x00)", "close",
            "fail L7RSP: " + wanted + "one more request for a login"}},
          {"only with channel binding",
           heard({request(10, octets("SCRAM-SHA-256-PLUS\0\0"))}),
           {kProbeHello, "close",
            "fail L7STS: " + wanted + "a wish for SASL without SCRAM-SHA-256"}},
          {"mechanisms without an end",
           heard({request(10, "SCRAM-SHA-256")}),
           {kProbeHello, "close",
            "fail L7STS: " + wanted + "a wish for SASL without SCRAM-SHA-256"}},
          {"clear text without TLS",
           heard({request(3)}),
           {kProbeHello, "close",
            "fail L7STS: " + wanted +
                "a wish for the password in clear text, which ronda says only under TLS"}},
          {"GSSAPI",
           heard({request(7)}),
           {kProbeHello, "close",
            "fail L7STS: " + wanted +
                "a wish for a login by GSSAPI; ronda has password, md5 and scram-sha-256"}},
          {"refused",
           heard({request(5, "\1\2\3\4"), error("28P01", "password authentication failed")}),
           {kProbeHello, R"(>p\x00\x00\x00(md5549d201a36e0ebb5f0dfdc4a36b362b2\x00)", "close",
            "fail L7STS: " + wanted + "28P01 \"password authentication failed\""}},
          {"no such database",
           heard({request(0), error("3D000", "no")}),
           {kProbeHello, "close", "fail L7STS: expected ReadyForQuery, got 3D000 \"no\""}},
      });
  CHECK(play(*postgresql_dialogue(check_of("probe\nsecret\n", Role::any, TlsMode::implicit), "u"),
             heard({request(3), welcome})) ==
        Lines{kProbeHello, R"(>p\x00\x00\x00\x0bsecret\x00)", kBye, ready});
}

TEST_CASE("postgresql: nothing told while watched lets a password be guessed") {
  const auto dialogue = postgresql_dialogue(check_of(kLogin.c_str()), "c0ffee");
  dialogue->on(Opened{});
  const auto scram = dialogue->on(Heard{mechanisms()});
  CHECK(std::get<Send>(scram.at(0)).secrets == Lines{"c0ffee"});
  const auto other = postgresql_dialogue(check_of(kLogin.c_str()), "c0ffee");
  other->on(Opened{});
  const auto md5 = other->on(Heard{request(5, "\1\2\3\4")});
  CHECK(std::get<Send>(md5.at(0)).secrets == Lines{"md5549d201a36e0ebb5f0dfdc4a36b362b2"});
}

TEST_CASE("postgresql: the role") {
  const std::string welcome = request(0) + kParameters + kReady;
  const std::string wanted = "expected f from pg_is_in_recovery(), got ";
  expect_packet_rows(
      maker(check_of(kLogin.c_str(), Role::primary)),
      {
          {"a primary",
           heard({welcome, row("f") + kReady}),
           {kProbeHello, kQuery, kBye, "pass L7OK: PostgreSQL 15.18 ready, a primary"}},
          {"a standby",
           heard({welcome, row("t") + kReady}),
           {kProbeHello, kQuery, kBye, "fail L7STS: " + wanted + "t: a standby"}},
          {"another value",
           heard({welcome, row("x") + kReady}),
           {kProbeHello, kQuery, kBye, "fail L7RSP: " + wanted + "\"x\""}},
          {"no row",
           heard({welcome, kReady}),
           {kProbeHello, kQuery, kBye, "fail L7RSP: " + wanted + "\"\""}},
          {"two rows",
           heard({welcome, row("f") + row("t") + kReady}),
           {kProbeHello, kQuery, "close", "fail L7RSP: " + wanted + "a message of type 'D'"}},
          {"a row of NULL",
           heard({welcome, message('D', octets("\0\1\xff\xff\xff\xff"))}),
           {kProbeHello, kQuery, "close", "fail L7RSP: " + wanted + "another row"}},
          {"a row that is longer than it says",
           heard({welcome, message('D', octets("\0\1\0\0\0\1fx"))}),
           {kProbeHello, kQuery, "close", "fail L7RSP: " + wanted + "another row"}},
          {"an error",
           heard({welcome, error("57P01", "terminating")}),
           {kProbeHello, kQuery, "close", "fail L7STS: " + wanted + "57P01 \"terminating\""}},
      });
}

TEST_CASE("postgresql: TLS is asked for and nothing comes before it") {
  const std::string ask = R"(>\x00\x00\x00\x08\x04\xd2\x16/)";
  expect_packet_rows(
      maker(check_of(nullptr, Role::any, TlsMode::starttls)),
      {
          {"offered",
           {"open", "<S", "upgraded", "<" + request(5, "salt")},
           {ask, "tls", kHello, "close", "pass L7OK: speaks: wants a login by MD5"}},
          {"not offered",
           {"open", "<N"},
           {ask, "close", "fail L7RSP: expected S to SSLRequest, got N: TLS is not offered"}},
          {"an error that would be taken for alive without TLS",
           heard({error("28000", "no")}),
           {ask, "close", "fail L7STS: expected S to SSLRequest, got 28000 \"no\""}},
          {"bytes after the S",
           {"open", "<S", "<x"},
           {ask, "tls", "close", "fail L7RSP: bytes came before the TLS handshake, got \"x\""}},
      });
  CHECK(play(*postgresql_dialogue(check_of(nullptr, Role::any, TlsMode::starttls), "u"),
             {"open", "<S" + error("28000", "injected")})
            .at(2)
            .starts_with("fail L7RSP: bytes before the TLS handshake (injected?)"));
  // What is beyond the read limit has come all the same.
  CheckSpec narrow = check_of(nullptr, Role::any, TlsMode::starttls);
  narrow.read_limit = 1;
  CHECK(play(*postgresql_dialogue(narrow, "u"), {"open", "<Sx"}).at(2) ==
        "fail L7RSP: bytes before the TLS handshake (injected?), got nothing");
  // An S asked for by nobody is no S.
  CHECK(play(*postgresql_dialogue(check_of(), "u"), {"open", "<S"}) == Lines{kHello});
}

TEST_CASE("postgresql: other protocols and lengths that lie") {
  const std::string wanted = "expected a request for a login, got ";
  const auto last = [](const std::string& bytes) {
    CheckSpec check = check_of();
    check.read_limit = 512;
    Lines actions = play(*postgresql_dialogue(check, "u"), {"open", "<" + bytes});
    return actions.back();
  };
  CHECK(last("HTTP/1.1 400 Bad Request\r\n") ==
        "fail L7RSP: " + wanted + "\"HTTP/1.1 400 Bad Request\\x0d\\x0a\"");
  CHECK(last("220 mail\r\n") == "fail L7RSP: " + wanted + "\"220 mail\\x0d\\x0a\"");
  CHECK(last("Ecould not fork new process for connection\n") ==
        "fail L7RSP: " + wanted + "\"Ecould not fork new process for connection\\x0a\"");
  CHECK(last(octets("R\0\0\0\3")) == "fail L7RSP: " + wanted + "\"R\\x00\\x00\\x00\\x03\"");
  CHECK(last(octets("R\xff\xff\xff\xff")) ==
        "fail L7RSP: " + wanted + "\"R\\xff\\xff\\xff\\xff\" in the 512 bytes of read_limit");
  CHECK(last(octets("R\0\0\2\0")) ==
        "fail L7RSP: " + wanted + "\"R\\x00\\x00\\x02\\x00\" in the 512 bytes of read_limit");
  std::string notices;
  while (notices.size() < 1000) {
    notices += message('N', "");
  }
  CHECK_THAT(last(notices), ContainsSubstring("in the 512 bytes of read_limit"));
}

}  // namespace ronda::probes
