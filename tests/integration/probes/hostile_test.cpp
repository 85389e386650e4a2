// Every kind of check before servers that mean it ill, at every turn of its conversation: the
// verdict is there in time, nobody beside it waits, and no more is read than the read limit and the
// kernel's buffers hold.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <list>
#include <set>
#include <string>
#include <vector>

#include "probes/kinds.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/integration/probes/test_ca.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

constexpr auto kTimeout = 400ms;
constexpr std::size_t kFlood = std::size_t{64} << 20;

// What a good server says next, and what never becomes that, however often it is repeated.
struct Turn {
  std::string answer{};
  std::string endless{};
  std::string beginning{};  // of the endless
};

// A server to one kind of check. `turns` end with what decides.
struct Door {
  CheckSpec check{};
  bool client_first = false;
  std::vector<Turn> turns{};
};

CheckSpec check_of(const char* kind, TlsMode tls) {
  CheckSpec check = test::make_check(kind, find_kind(kind)->initial, tls);
  check.timeout = kTimeout;
  check.tls_settings.verify = false;
  return check;
}

CheckSpec check_of(const char* kind) {
  return check_of(kind, find_kind(kind)->default_tls);
}

Door greeting(CheckSpec check, std::vector<Turn> turns) {
  return {.check = std::move(check), .turns = std::move(turns)};
}

Door question(CheckSpec check, std::vector<Turn> turns) {
  return {.check = std::move(check), .client_first = true, .turns = std::move(turns)};
}

const Turn kSmtpGreeting{.answer = "220 mx ESMTP\r\n", .endless = "220-mx\r\n"};
const Turn kSmtpHello{.answer = "250-mx\r\n250 STARTTLS\r\n", .endless = "250-mx\r\n"};
const Turn kSmtpDone{.answer = "250 ok\r\n", .endless = "250-ok\r\n"};
const Turn kFtpGreeting{.answer = "220 ready\r\n", .endless = "220-ready\r\n"};
const Turn kImapGreeting{.answer = "* OK ready\r\n", .endless = "* 1 EXISTS\r\n"};
const Turn kPop3Greeting{.answer = "+OK ready\r\n", .endless = "+OK"};

Turn imap_capability(const std::string& tag) {
  return {.answer = "* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + " OK done\r\n",
          .endless = "* CAPABILITY IMAP4rev1\r\n"};
}

std::vector<Door> mail_doors() {
  std::vector<Door> doors;
  for (const char* kind : {"smtp", "smtps", "lmtp"}) {
    doors.push_back(greeting(check_of(kind), {kSmtpGreeting, kSmtpHello}));
  }
  doors.push_back(greeting(
      check_of("smtp", TlsMode::starttls),
      {kSmtpGreeting, kSmtpHello, {.answer = "220 go ahead\r\n", .endless = "220-go\r\n"}}));
  Door mailbox = greeting(check_of("lmtp"), {kSmtpGreeting, kSmtpHello, kSmtpDone, kSmtpDone});
  std::get<SmtpCheck>(mailbox.check.protocol).rcpt = "probe@example.test";
  doors.push_back(mailbox);
  for (const char* kind : {"imap", "imaps"}) {
    doors.push_back(greeting(check_of(kind), {kImapGreeting, imap_capability("a1")}));
  }
  doors.push_back(greeting(check_of("imap", TlsMode::starttls),
                           {kImapGreeting,
                            imap_capability("a1"),
                            {.answer = "a2 OK go ahead\r\n", .endless = "* 1 EXISTS\r\n"}}));
  for (const char* kind : {"pop3", "pop3s"}) {
    doors.push_back(greeting(check_of(kind), {kPop3Greeting}));
  }
  doors.push_back(greeting(check_of("pop3", TlsMode::starttls),
                           {kPop3Greeting, {.answer = "+OK go ahead\r\n", .endless = "+OK"}}));
  return doors;
}

std::vector<Door> file_doors() {
  std::vector<Door> doors;
  for (const char* kind : {"ftp", "ftps"}) {
    doors.push_back(greeting(check_of(kind), {kFtpGreeting}));
  }
  doors.push_back(
      greeting(check_of("ftp", TlsMode::starttls),
               {kFtpGreeting, {.answer = "234 go ahead\r\n", .endless = "234-go\r\n"}}));
  Door anonymous =
      greeting(check_of("ftp"), {kFtpGreeting,
                                 {.answer = "331 password\r\n", .endless = "331-password\r\n"},
                                 {.answer = "230 welcome\r\n", .endless = "230-welcome\r\n"},
                                 {.answer = "229 here (|||1|)\r\n", .endless = "229-here\r\n"}});
  auto& ftp = std::get<FtpCheck>(anonymous.check.protocol);
  ftp.anonymous = true;
  ftp.passive = true;
  doors.push_back(anonymous);
  for (const char* kind : {"http", "https"}) {
    Door web =
        question(check_of(kind), {{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                                   .endless = "X-More: and more\r\n",
                                   .beginning = "HTTP/1.1 200 OK\r\n"}});
    std::get<HttpCheck>(web.check.protocol).body = "^ok$";
    doors.push_back(web);
    web.turns[0].beginning = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n";
    doors.push_back(web);
  }
  return doors;
}

std::vector<Door> other_doors() {
  using namespace std::string_literals;
  std::vector<Door> doors;
  Door steps = greeting(check_of("tcp"), {{.answer = "ready\r\n", .endless = "not yet\r\n"}});
  std::get<TcpCheck>(steps.check.protocol).steps = {
      {.kind = TcpStepKind::expect, .text = "^ready"}};
  doors.push_back(steps);
  doors.push_back(greeting(check_of("tls"), {}));
  doors.push_back(greeting(check_of("ssh"), {{.answer = "SSH-2.0-x\r\n", .endless = "hello\r\n"}}));
  doors.push_back(question(check_of("redis"), {{.answer = "+PONG\r\n", .endless = "+PONGPONG"}}));
  doors.push_back(
      question(check_of("memcached"), {{.answer = "VERSION 1\r\n", .endless = "VERSION 1"}}));
  doors.push_back(
      question(check_of("ldap"),
               {{.answer = "0\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"s, .endless = "0"}}));
  doors.push_back(
      question(check_of("ldap", TlsMode::starttls),
               {{.answer = "0\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"s, .endless = "0"}}));
  doors.push_back(question(check_of("mqtt"), {{.answer = "\x20\x02\0\0"s, .endless = "\x20"}}));
  doors.push_back(
      question(check_of("sip"), {{.answer = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                                  .endless = "SIP/2.0 100 Trying\r\n\r\n"}}));
  return doors;
}

std::vector<Door> database_doors() {
  using namespace std::string_literals;
  std::vector<Door> doors;
  const Turn wants_md5{.answer = "R\0\0\0\x0c\0\0\0\x05salt"s, .endless = "N\0\0\0\4"s};
  doors.push_back(question(check_of("postgresql"), {wants_md5}));
  doors.push_back(question(check_of("postgresql", TlsMode::starttls),
                           {{.answer = "S", .endless = "N\0\0\0\4"s}}));
  Door primary =
      question(check_of("postgresql"),
               {wants_md5,
                {.answer = "R\0\0\0\x08\0\0\0\0Z\0\0\0\5I"s,
                 .endless = "S\0\0\0\6a\0"s,
                 .beginning = "R\0\0\0\x08\0\0\0\0"s},
                {.answer = "D\0\0\0\x0b\0\1\0\0\0\1fZ\0\0\0\5I"s, .endless = "C\0\0\0\4"s}});
  auto& database = std::get<DatabaseCheck>(primary.check.protocol);
  database.login = *Login::parse("probe\nsecret\n", "f");
  database.role = Role::primary;
  doors.push_back(primary);
  // A greeting that can do everything.
  const std::string greeting =
      "G\0\0\0\x0a"s + "8.0\0\1\0\0\0abcdefgh\0\xff\xff\x2d\2\0\xff\xff\x15"s +
      std::string(10, '\0') + "ijklmnopqrst\0"s + "mysql_native_password\0"s;
  const Turn hello{.answer = greeting, .endless = greeting};
  const Turn denied{.answer = "\5\0\0\2\xff\x15\4no"s, .endless = "\1\0\0\2\1"s};
  doors.push_back(Door{.check = check_of("mysql"), .turns = {hello, denied}});
  doors.push_back(Door{.check = check_of("mysql", TlsMode::starttls), .turns = {hello}});
  return doors;
}

std::vector<Door> all_doors() {
  std::vector<Door> doors = mail_doors();
  for (auto& more : {file_doors(), other_doors(), database_doors()}) {
    doors.insert(doors.end(), more.begin(), more.end());
  }
  return doors;
}

enum class Behaviour { silent, dripping, endless, garbage, closing, resetting, stalled_handshake };
constexpr std::array kBehaviours = {
    Behaviour::silent,  Behaviour::dripping,  Behaviour::endless,          Behaviour::garbage,
    Behaviour::closing, Behaviour::resetting, Behaviour::stalled_handshake};

const char* name_of(Behaviour behaviour) {
  constexpr std::array kNames = {"silent",  "dripping",  "endless",          "garbage",
                                 "closing", "resetting", "stalled handshake"};
  return kNames[static_cast<std::size_t>(behaviour)];
}

void misbehave(Peer& peer, Behaviour behaviour, const Turn& turn, std::atomic<std::size_t>& sent) {
  switch (behaviour) {
    case Behaviour::silent:
    case Behaviour::stalled_handshake:
      peer.rest();
      return;
    case Behaviour::dripping:
      // Slowly enough that no answer is whole in time.
      for (const char byte : turn.answer) {
        peer.write(std::string_view(&byte, 1));
        if (!peer.stays_for(250ms)) {
          return;
        }
      }
      return;
    case Behaviour::endless: {
      std::string block;
      while (block.size() < 65'536) {
        block += turn.endless;
      }
      sent += peer.write(turn.beginning);
      while (sent < kFlood && !peer.cut_short()) {
        sent += peer.write(block);
      }
      return;
    }
    case Behaviour::garbage: {
      std::string block;
      for (unsigned value = 1; block.size() < 100'000; value = value * 1'103'515'245 + 12'345) {
        block += static_cast<char>(value >> 16);
      }
      sent += peer.write(block);
      peer.rest();
      return;
    }
    case Behaviour::closing:
      return;
    case Behaviour::resetting:
      peer.reset();
      return;
  }
}

// One hostile server, what it sent and what was said of it.
struct Case {
  Case(const Door& door, std::size_t at, Behaviour behaviour, const std::shared_ptr<SSL_CTX>& tls)
      : what(door.check.kind + ", turn " + std::to_string(at) + ", " + name_of(behaviour)),
        endless(behaviour == Behaviour::endless),
        server([this, &door, at, behaviour, tls](Peer& peer) {
          if (door.check.tls == TlsMode::implicit) {
            if (behaviour == Behaviour::stalled_handshake) {
              peer.rest();
              return;
            }
            if (!peer.secure(tls)) {
              return;
            }
          }
          for (std::size_t turn = 0; turn < door.turns.size(); ++turn) {
            if (turn > 0 || door.client_first) {
              peer.some();
            }
            if (turn == at) {
              misbehave(peer, behaviour, door.turns[turn], sent);
              over = true;
              return;
            }
            peer.write(door.turns[turn].answer);
          }
          // All was said, or only the handshake is still to come.
          peer.rest();
        }) {}

  std::string what;
  std::atomic<std::size_t> sent = 0;
  std::atomic<bool> over = false;  // it has said all that anybody took
  bool endless;
  std::optional<ProbeResult> result{};
  net::Duration took{};
  net::Handle handle{};
  ScriptedServer server;
};

std::size_t handshake_turn(const Door& door) {
  return door.check.tls == TlsMode::starttls ? door.turns.size() : 0;
}

bool has_handshake(const Door& door) {
  return door.check.tls != TlsMode::off;
}

void probe_all(Prober& prober, const Door& door, std::list<Case>& cases) {
  std::size_t open = cases.size();
  for (Case& one : cases) {
    const test::Stopwatch stopwatch;
    one.handle = start_probe(prober.engines, door.check, one.server.endpoint(),
                             [&, stopwatch](const ProbeResult& result) {
                               one.result = result;
                               one.took = stopwatch.elapsed();
                               if (--open == 0) {
                                 prober.loop.stop();
                               }
                             });
  }
  prober.run(kTimeout + 5s);
  REQUIRE(open == 0);
}

net::Duration rounded(net::Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration);
}

}  // namespace

TEST_CASE("hostile servers: at every turn of every kind the verdict comes in time") {
  const test::TestCa ca;
  const auto tls = ca.server();
  Prober prober;
  net::Duration worst_lag{};
  net::Duration worst_verdict{};
  std::size_t count = 0;
  for (const Door& door : all_doors()) {
    std::list<Case> cases;
    for (const Behaviour behaviour : kBehaviours) {
      if (behaviour == Behaviour::stalled_handshake) {
        if (has_handshake(door)) {
          cases.emplace_back(door, handshake_turn(door), behaviour, tls);
        }
        continue;
      }
      for (std::size_t at = 0; at < door.turns.size(); ++at) {
        cases.emplace_back(door, at, behaviour, tls);
      }
    }
    count += cases.size();
    const auto started = prober.loop.now();
    probe_all(prober, door, cases);
    worst_lag = std::max(worst_lag, prober.loop.worst_lag_since(started));
    for (Case& one : cases) {
      CAPTURE(one.what, brief(*one.result));
      CHECK(one.result->verdict == Verdict::fail);
      CHECK(one.took < kTimeout + 50ms);
      worst_verdict = std::max(worst_verdict, one.took);
      one.handle.reset();
    }
    // Not sooner: after the verdict, too, somebody might go on reading.
    CHECK(prober.wait_for([&] {
      return std::ranges::all_of(cases, [](Case& one) { return !one.endless || one.over; });
    }));
    for (const Case& one : cases) {
      CAPTURE(one.what);
      CHECK(one.sent < kFlood / 2);  // what the kernel's buffers take, and no more
    }
  }
  std::cout << count << " hostile servers: the latest verdict after "
            << net::format_duration(rounded(worst_verdict)) << " of "
            << net::format_duration(kTimeout) << ", others delayed by at most "
            << net::format_duration(rounded(worst_lag)) << "\n";
}

TEST_CASE("hostile servers: one that is silent to the goodbye delays nothing") {
  const test::TestCa ca;
  const auto tls = ca.server();
  Prober prober;
  for (const Door& door : all_doors()) {
    if (door.check.tls == TlsMode::starttls || door.turns.size() > 3) {
      continue;  // their last word comes after turns that are not in the table
    }
    Case good(door, door.turns.size(), Behaviour::silent, tls);
    CheckSpec check = door.check;
    check.timeout = 3s;
    CAPTURE(good.what);
    CHECK_THAT(brief(prober.probe(check, good.server.endpoint())), StartsWith("pass L"));
    CHECK(prober.took < 450ms);  // the goodbye would take 500 ms
  }
}

TEST_CASE("hostile servers: no kind of check is spared") {
  std::set<std::string> met;
  for (const Door& door : all_doors()) {
    met.insert(door.check.kind);
  }
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.name);
    // No conversation of turns, or none with fixed words: each has hostile tests of its own.
    constexpr std::array<std::string_view, 4> kApart{"exec", "dns", "passive", "icmp"};
    const bool apart = std::ranges::find(kApart, kind.name) != kApart.end();
    CHECK((apart || met.contains(std::string(kind.name))));
  }
}

}  // namespace ronda::probes
