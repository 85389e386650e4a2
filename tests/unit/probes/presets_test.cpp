#include "probes/presets.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;

const Caller kCaller{.local = {*net::IpAddress::parse("192.0.2.9"), 40'000}, .unique = "c0ffee"};

CheckSpec check_of(Preset preset, const char* login = nullptr) {
  PresetCheck made{.preset = preset};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return {.kind = "preset", .protocol = made, .server_name = "www.example.test"};
}

// Bytes with their NULs.
template <std::size_t size>
std::string heard(const char (&bytes)[size]) {
  return "<" + std::string(bytes, size - 1);
}

struct Row {
  const char* name;
  Lines events;
  Lines actions;
};

// Whole and in single bytes, with the same outcome.
void expect_rows(const CheckSpec& check, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(play(*preset_dialogue(check, kCaller), row.events) == row.actions);
    CHECK(play(*preset_dialogue(check, kCaller), in_single_bytes(row.events)) == row.actions);
  }
}

}  // namespace

TEST_CASE("ssh: events and actions") {
  const std::string bye =
      R"(>SSH-2.0-ronda\x0d\x0a\x00\x00\x00\x1c\x0b\x01\x00\x00\x00\x0b\x00\x00\x00\x03bye)"
      R"(\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00)";
  expect_rows(
      check_of(Preset::ssh),
      {
          {"2.0",
           {"open", "<SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", heard("\0\0\3\xdc"), "end"},
           {bye, "pass L7OK: SSH-2.0-OpenSSH_9.2p1 Debian-2"}},
          {"1.99", {"open", "<SSH-1.99-old\n"}, {bye, "pass L7OK: SSH-1.99-old"}},
          {"other lines first",
           {"open", "<Welcome\r\nto us\r\nSSH-2.0-x\r\n"},
           {bye, "pass L7OK: SSH-2.0-x"}},
          {"too old",
           {"open", "<SSH-1.5-old\r\n"},
           {"close", "fail L7STS: expected SSH-2.0-..., got \"SSH-1.5-old\""}},
          {"too many clients",
           {"open", "<Exceeded MaxStartups\r\n", "end"},
           {"close",
            "fail L7RSP: expected SSH-2.0-..., got \"Exceeded MaxStartups\\x0d\\x0a\", connection "
            "closed"}},
      });
  CHECK(preset_dialogue(check_of(Preset::ssh), kCaller)->waiting_for() ==
        "expected SSH-2.0-..., got nothing");
}

TEST_CASE("redis: events and actions") {
  const std::string ping = R"(>*1\x0d\x0a$4\x0d\x0aPING\x0d\x0a)";
  expect_rows(
      check_of(Preset::redis),
      {
          {"up", {"open", "<+PONG\r\n", "end"}, {ping, "close", "pass L7OK: +PONG"}},
          {"loading",
           {"open", "<-LOADING Redis is loading the dataset in memory\r\n"},
           {ping, "close",
            "fail L7STS: expected +PONG to PING, got \"-LOADING Redis is loading the dataset in "
            "memory\""}},
          {"without its primary",
           {"open", "<-MASTERDOWN Link with MASTER is down\r\n"},
           {ping, "close",
            "fail L7STS: expected +PONG to PING, got \"-MASTERDOWN Link with MASTER is down\""}},
          {"wants a login",
           {"open", "<-NOAUTH Authentication required.\r\n"},
           {ping, "close",
            "fail L7STS: expected +PONG to PING, got \"-NOAUTH Authentication required.\""}},
          {"another reply",
           {"open", "<+PONGO\r\n"},
           {ping, "close", "fail L7RSP: expected +PONG to PING, got \"+PONGO\""}},
          {"closed in the middle",
           {"open", "<+PO", "end"},
           {ping, "close", "fail L7RSP: expected +PONG to PING, got \"+PO\", connection closed"}},
      });
  CHECK(
      play(*preset_dialogue(check_of(Preset::redis), kCaller),
           {"open", "<HTTP/1.1 400 Bad Request\r\n"}) ==
      Lines{ping, "close", "fail L7RSP: expected +PONG to PING, got \"HTTP/1.1 400 Bad Request\""});

  for (const Preset preset : {Preset::redis, Preset::memcached}) {
    CHECK_THAT(
        play(*preset_dialogue(check_of(preset), kCaller), {"open", "<\r\nfoo bar\r\n"}).back(),
        Catch::Matchers::EndsWith(R"(, got "\x0d\x0afoo bar\x0d\x0a")"));
  }
  const std::string auth = R"(>*2\x0d\x0a$4\x0d\x0aAUTH\x0d\x0a$4\x0d\x0ap w$\x0d\x0a)";
  expect_rows(
      check_of(Preset::redis, "default\np w$\n"),
      {{"logged in", {"open", "<+OK\r\n", "<+PONG\r\n"}, {auth, ping, "close", "pass L7OK: +PONG"}},
       {"wrong password",
        {"open", "<-WRONGPASS invalid\r\n"},
        {auth, "close", "fail L7STS: expected +OK to AUTH, got \"-WRONGPASS invalid\""}}});
  expect_rows(check_of(Preset::redis, "probe\npw\n"),
              {{"a user of its own",
                {"open", "<+OK\r\n", "<+PONG\r\n"},
                {R"(>*3\x0d\x0a$4\x0d\x0aAUTH\x0d\x0a$5\x0d\x0aprobe\x0d\x0a$2\x0d\x0apw\x0d\x0a)",
                 ping, "close", "pass L7OK: +PONG"}}});
}

TEST_CASE("memcached: events and actions") {
  const std::string ask = R"(>version\x0d\x0a)";
  const std::string quit = R"(>quit\x0d\x0a)";
  expect_rows(
      check_of(Preset::memcached),
      {
          {"up", {"open", "<VERSION 1.6.18\r\n", "end"}, {ask, quit, "pass L7OK: VERSION 1.6.18"}},
          {"refused",
           {"open", "<CLIENT_ERROR unauthenticated\r\n"},
           {ask, "close", "fail L7STS: expected VERSION, got \"CLIENT_ERROR unauthenticated\""}},
          {"an error",
           {"open", "<ERROR\r\n"},
           {ask, "close", "fail L7STS: expected VERSION, got \"ERROR\""}},
          {"another reply",
           {"open", "<STORED\r\n"},
           {ask, "close", "fail L7RSP: expected VERSION, got \"STORED\""}},
      });
  CHECK(play(*preset_dialogue(check_of(Preset::memcached), kCaller), {"open", "<220 mail\r\n"}) ==
        Lines{ask, "close", "fail L7RSP: expected VERSION, got \"220 mail\""});
}

TEST_CASE("ldap and mqtt: a long login has its lengths in more octets") {
  const std::string user(255, 'u');
  const std::string password(200, 'p');
  const std::string login = user + "\n" + password + "\n";
  const auto sent = [&](Preset preset) {
    const auto actions = preset_dialogue(check_of(preset, login.c_str()), kCaller)->on(Opened{});
    return std::get<Send>(actions.at(0)).bytes;
  };
  // 3 of the version, 3 + 255 of the name, 3 + 200 of the password; 3 + 4 + 464 around them.
  const std::string bind = sent(Preset::ldap);
  CHECK(bind.starts_with(
      std::string("0\x82\x01\xd7\x02\x01\x01`\x82\x01\xd0\x02\x01\x03\x04\x81\xff", 17)));
  CHECK(bind.size() == 4 + 0x1d7);
  CHECK(bind.ends_with("\x80\x81\xc8" + password));
  // 10 + 2 + 11 + 257 + 202 = 482 = 3 * 128 + 98
  const std::string connect = sent(Preset::mqtt);
  CHECK(connect.starts_with("\x10\xe2\x03"));
  CHECK(connect.size() == 3 + 482);
}

TEST_CASE("mqtt: events and actions") {
  const std::string connect = R"(>\x10\x17\x00\x04MQTT\x04\x02\x00<\x00\x0brondac0ffee)";
  const std::string bye = R"(>\xe0\x00)";
  const std::string wanted = "expected an accepting CONNACK, got ";
  const std::string mqtt_5 = "132 (unsupported protocol version: MQTT 5 alone)";
  expect_rows(check_of(Preset::mqtt),
              {
                  {"up",
                   {"open", heard("\x20\x02\0\0"), "end"},
                   {connect, bye, "pass L7OK: CONNACK: accepted"}},
                  {"not authorized",
                   {"open", heard("\x20\x02\0\x05")},
                   {connect, "close", "fail L7STS: " + wanted + "5 (not authorized)"}},
                  {"unavailable",
                   {"open", heard("\x20\x02\0\x03")},
                   {connect, "close", "fail L7STS: " + wanted + "3 (server unavailable)"}},
                  {"MQTT 5 alone",
                   {"open", heard("\x20\x03\0\x84\0")},
                   {connect, "close", "fail L7STS: " + wanted + mqtt_5}},
                  {"MQTT 5 alone, with its words",
                   {"open", heard("\x20\x0c\0\x84\x09\x1f\0\x06no 311")},
                   {connect, "close", "fail L7STS: " + wanted + mqtt_5}},
                  {"an accepting one of MQTT 5",
                   {"open", heard("\x20\x03\0\0")},
                   {connect, "close", "fail L7RSP: " + wanted + "\" \\x03\\x00\\x00\""}},
                  {"no such code",
                   {"open", heard("\x20\x02\0\x09")},
                   {connect, "close", "fail L7RSP: " + wanted + "\" \\x02\\x00\\x09\""}},
                  {"closed instead",
                   {"open", "end"},
                   {connect, "close", "fail L7RSP: " + wanted + "nothing, connection closed"}},
              });
  CHECK(play(*preset_dialogue(check_of(Preset::mqtt), kCaller), {"open", "<\nzz"}).back() ==
        "fail L7RSP: " + wanted + "\"\\x0azz\"");
  // Every server must take an id of up to 23 letters and digits (3.1.3.1).
  const Caller caller{.unique = "0123456789abcdef0123456789abcdef"};
  CHECK(play(*preset_dialogue(check_of(Preset::mqtt), caller), {"open"}) ==
        Lines{R"(>\x10#\x00\x04MQTT\x04\x02\x00<\x00\x17ronda0123456789abcdef01)"});
  CHECK(play(*preset_dialogue(check_of(Preset::mqtt), kCaller), {"open", "<220 mail\r\n"}) ==
        Lines{connect, "close", "fail L7RSP: " + wanted + "\"220 mail\\x0d\\x0a\""});
  expect_rows(check_of(Preset::mqtt, "u\npw\n"),
              {{"wrong password",
                {"open", heard("\x20\x02\0\x04")},
                {R"(>\x10\x1e\x00\x04MQTT\x04\xc2\x00<\x00\x0brondac0ffee\x00\x01u\x00\x02pw)",
                 "close", "fail L7STS: " + wanted + "4 (bad user name or password)"}}});
}

TEST_CASE("sip: events and actions") {
  const std::string head =
      R"(>OPTIONS sip:www.example.test SIP/2.0\x0d\x0aVia: SIP/2.0/TCP 192.0.2.9:40000;)";
  const auto run = [&](const Lines& events) {
    Lines actions = play(*preset_dialogue(check_of(Preset::sip), kCaller), events);
    REQUIRE(!actions.empty());
    CHECK_THAT(actions.front(), Catch::Matchers::StartsWith(head));
    CHECK(play(*preset_dialogue(check_of(Preset::sip), kCaller), in_single_bytes(events)).back() ==
          actions.back());
    return actions.back();
  };
  const std::string rest = "Via: SIP/2.0/TCP h\r\nContent-Length: 0\r\n\r\n";
  for (const char* status : {"200 OK", "301 Moved", "401 Unauthorized", "404 Not Found",
                             "405 Method Not Allowed", "407 Proxy", "483 Too Many Hops"}) {
    CHECK(run({"open", std::string("<SIP/2.0 ") + status + "\r\n" + rest}) ==
          std::string("pass L7OK: SIP/2.0 ") + status);
  }
  const std::string wanted = "expected SIP/2.0 200 to 499 but not 408, got ";
  for (const char* status : {"408 Request Timeout", "503 Service Unavailable", "603 Decline"}) {
    CHECK(run({"open", std::string("<SIP/2.0 ") + status + "\r\n" + rest}) ==
          "fail L7STS: " + wanted + "\"SIP/2.0 " + status + "\"");
  }
  CHECK(run({"open", "<SIP/2.0 100 Trying\r\n" + rest, "<SIP/2.0 200 OK\r\n" + rest}) ==
        "pass L7OK: SIP/2.0 200 OK");
  CHECK(run({"open", "<\r\n\r\nSIP/2.0 100 Trying\r\n" + rest + "\r\nSIP/2.0 180 R\r\n" + rest +
                         "SIP/2.0 200 OK\r\n" + rest}) == "pass L7OK: SIP/2.0 200 OK");
  CHECK(run({"open", "<SIP/2.0 100 Trying\nVia: x\n\nSIP/2.0 503 Later\n\n"}) ==
        "fail L7STS: " + wanted + "\"SIP/2.0 503 Later\"");
  // The same whether it comes whole or in pieces.
  for (const std::string strange :
       {"hello\r\n", "NOTIFY sip:a SIP/2.0\r\n\r\n", "220 SIP/2.0\r\n", "SIP/2.1 200 OK\r\n",
        "SIP/2.0 700 OK\r\n", "SIP/2.0 2000 OK\r\n", "SIP/2.0 200\r\n", "\rSIP/2.0 200 OK\r\n",
        "SIP/2.0 100 Trying\r\n\r\nhello\r\n"}) {
    CAPTURE(strange);
    CHECK(play(*preset_dialogue(check_of(Preset::sip), kCaller),
               in_single_bytes({"open", "<" + strange + "SIP/2.0 200 OK\r\n" + rest}))
              .back()
              .starts_with("fail L7RSP: " + wanted));
    CHECK(play(*preset_dialogue(check_of(Preset::sip), kCaller),
               {"open", "<" + strange + "SIP/2.0 200 OK\r\n" + rest})
              .back()
              .starts_with("fail L7RSP: " + wanted));
  }
  CHECK_THAT(run({"open", "<SIP/2.0 100 Trying\r\n" + rest, "end"}),
             Catch::Matchers::StartsWith("fail L7RSP: " + wanted));
  CHECK_THAT(run({"open", "<SIP/2.0 200 OK\r\nVia: x\r\n", "end"}),
             Catch::Matchers::StartsWith("fail L7RSP: expected the end of the header, got "));
  CHECK(play(*preset_dialogue(check_of(Preset::sip), kCaller), {"open", "<HTTP/1.1 400 No\r\n"})
            .back() == "fail L7RSP: " + wanted + "\"HTTP/1.1 400 No\"");
}

TEST_CASE("sip: the request has all that RFC 3261 8.1.1 wants") {
  CheckSpec check = check_of(Preset::sip);
  check.server_name = "2001:db8::1";
  check.tls = TlsMode::implicit;
  const Caller six{.local = {*net::IpAddress::parse("2001:db8::9"), 40'000}, .unique = "c0ffee"};
  const auto actions = preset_dialogue(check, six)->on(Opened{});
  CHECK(std::get<Send>(actions.at(0)).bytes ==
        "OPTIONS sip:[2001:db8::1] SIP/2.0\r\n"
        "Via: SIP/2.0/TLS [2001:db8::9]:40000;branch=z9hG4bKc0ffee\r\n"
        "Max-Forwards: 0\r\n"
        "From: <sip:ronda@[2001:db8::9]>;tag=c0ffee\r\n"
        "To: <sip:[2001:db8::1]>\r\n"
        "Call-ID: c0ffee@[2001:db8::9]\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Accept: application/sdp\r\n"
        "Content-Length: 0\r\n\r\n");
}

TEST_CASE("presets: a peer that talks without end is cut off at the read limit") {
  for (const auto& [preset, bytes] :
       {std::pair{Preset::ssh, "no ssh\r\n"}, std::pair{Preset::redis, "+++++++++++++"},
        std::pair{Preset::memcached, "VERSION VERSION"},
        std::pair{Preset::sip, "SIP/2.0 100 a\r\n"}}) {
    CheckSpec check = check_of(preset);
    check.read_limit = 512;
    const auto dialogue = preset_dialogue(check, kCaller);
    Lines out;
    for (int piece = 0; piece < 1000 && (out.empty() || !out.back().starts_with("fail")); ++piece) {
      play(*dialogue, std::string("<") + bytes, out);
    }
    REQUIRE(!out.empty());
    CHECK_THAT(out.back(), ContainsSubstring("in the 512 bytes of read_limit"));
  }
}

}  // namespace ronda::probes
