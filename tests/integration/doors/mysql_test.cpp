#include "tests/integration/doors/door_room.hpp"
#include "tests/support/bed/mariadb.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::count;
using test::DoorRoom;
using test::Mariadb;

constexpr std::uint16_t kPort = 28'495;
constexpr const char* kGood = "probe\nsecret-word\n";
constexpr const char* kBad = "probe\nother-word\n";

CheckSpec check_of(const char* login = nullptr, Role role = Role::any, TlsMode tls = TlsMode::off) {
  DatabaseCheck made{.database = Database::mysql, .role = role};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return test::make_check("mysql", made, tls);
}

// A MariaDB counts the errors of every host but 127.0.0.1.
std::string as_stranger(DoorRoom& room, CheckSpec check) {
  check.source = net::IpAddress::parse(room.host);
  return room.ask(check, kPort);
}

}  // namespace

TEST_CASE("MariaDB: up, logins, roles, wrong passwords, and down") {
  DoorRoom room;
  Mariadb server(room.host, kPort);
  CHECK_THAT(room.ask(check_of(), kPort), StartsWith("pass L7OK: MariaDB 1"));
  CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: MariaDB 1"));
  CHECK_THAT(room.ask(check_of(kGood, Role::primary), kPort),
             ContainsSubstring(" ready, a primary"));
  CHECK_THAT(room.ask(check_of(kBad), kPort),
             StartsWith("fail L7STS: expected OK to the login, got 1045 \"Access denied for user "
                        "'probe'@"));
  CHECK(room.ask(check_of("stranger\nsecret-word\n"), kPort) ==
        "fail L7STS: expected OK to the login, got a wish for a login by client_ed25519; ronda has "
        "mysql_native_password and caching_sha2_password");
  CHECK_THAT(room.ask(check_of(nullptr, Role::any, TlsMode::starttls), kPort),
             ContainsSubstring(": TLS is not offered"));
  server.query("SET GLOBAL read_only = 1");
  CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: MariaDB 1"));
  CHECK(room.ask(check_of(kGood, Role::primary), kPort) ==
        "fail L7STS: expected 0 from @@global.read_only, got \"1\": it is read-only");
  INFO(room.dialogue);
  CHECK(count(room.dialogue, "-word") == 0);
  CHECK(count(room.dialogue, "***") >= 5);
  INFO(server.log());
  for (const char* complaint : {"out of order", "Bad handshake", "Got an error", "Got timeout"}) {
    CHECK(count(server.log(), complaint) == 0);
  }
  server.pause();
  CheckSpec impatient = check_of();
  impatient.timeout = std::chrono::milliseconds(300);
  CHECK(room.ask(impatient, kPort) ==
        "fail L7TOUT: expected a greeting of MySQL, got nothing within 300ms");
  server.stop();
  CHECK_THAT(room.ask(check_of(), kPort), StartsWith("fail L4CON: "));
}

TEST_CASE("MariaDB: no visit counts against our host, and one that is locked out is seen") {
  DoorRoom room;
  Mariadb server(room.host, kPort);
  for (int visit = 0; visit < 5; ++visit) {
    CHECK_THAT(as_stranger(room, check_of()), StartsWith("pass L7OK: MariaDB 1"));
    CHECK_THAT(as_stranger(room, check_of(kBad)), StartsWith("fail L7STS: "));
    CHECK_THAT(as_stranger(room, check_of("stranger\nsecret-word\n")), StartsWith("fail L7STS: "));
    for (const char* login : {kGood, static_cast<const char*>(nullptr)}) {
      CHECK_THAT(as_stranger(room, check_of(login, Role::any, TlsMode::starttls)),
                 StartsWith("fail L7RSP: ") && ContainsSubstring(": TLS is not offered"));
    }
  }
  CHECK(server.connect_errors(room.host) == "0");
  CHECK_THAT(as_stranger(room, check_of(kGood)), StartsWith("pass L7OK: MariaDB 1"));
  // One who leaves at the greeting, as a tcp check does.
  for (int visit = 0; visit < 3; ++visit) {
    CheckSpec leave = test::make_check("tcp", TcpCheck{.steps = {{TcpStepKind::expect, "Maria"}}});
    leave.source = net::IpAddress::parse(room.host);
    CHECK_THAT(room.ask(leave, kPort), StartsWith("pass L7OK: "));
  }
  CHECK(room.prober.wait_for([&] { return server.connect_errors(room.host) == "3"; }));
  CHECK_THAT(as_stranger(room, check_of(kGood)),
             StartsWith("fail L7STS: expected a greeting of MySQL, got 1129 \"Host '" + room.host +
                        "' is blocked because of many connection errors"));
}

TEST_CASE("MariaDB: full, and hosts that it does not know") {
  DoorRoom room;
  Mariadb server(room.host, kPort, nullptr, {"--max-connections=10"});
  server.query("DROP USER probe@'%'; DROP USER stranger@'%'; FLUSH PRIVILEGES");
  const std::string refused = as_stranger(room, check_of());
  CHECK_THAT(refused, StartsWith("pass L7OK: speaks: 1130 \"Host '" + room.host));
  CHECK_THAT(as_stranger(room, check_of(kGood)),
             StartsWith("fail L7STS: expected a greeting of MySQL, got 1130"));
  // Guests who take their time, one more until there is no room: who has just left may still count.
  const CheckSpec dawdle =
      test::make_check("tcp", TcpCheck{.steps = {{TcpStepKind::expect, "never"}}});
  std::vector<net::Handle> guests;
  std::string answer;
  while (guests.size() < 40 && !answer.starts_with("fail")) {
    guests.push_back(start_probe(room.prober.engines, dawdle, test::endpoint(room.host, kPort),
                                 [](const ProbeResult&) {}));
    answer = room.ask(check_of(), kPort);
  }
  CHECK(answer == "fail L7STS: expected a greeting of MySQL, got 1040 \"Too many connections\"");
}

TEST_CASE("MariaDB: certificates that are good, ended, of another name, of an unknown CA") {
  DoorRoom room;
  const auto good = room.certificates("good");
  const auto ended = room.certificates("ended", "DNS:www.example.test", -1);
  const auto other = room.certificates("other", "DNS:else.example.test");
  struct Row {
    const test::Certificates& server;
    const test::Certificates& known;
    const char* outcome;
  };
  for (const Row& row : {Row{good, good, "pass L7OK: MariaDB 1"},
                         Row{ended, ended, "fail L6RSP: certificate has expired"},
                         Row{other, other, "fail L6RSP: certificate is for another name"},
                         Row{good, other, "fail L6RSP: "}}) {
    CAPTURE(row.outcome);
    const Mariadb server(room.host, kPort, &row.server);
    CheckSpec check = check_of(kGood, Role::primary, TlsMode::starttls);
    check.tls_settings.ca_file = row.known.ca.string();
    CHECK_THAT(room.ask(check, kPort), StartsWith(row.outcome));
    if (&row.server == &row.known && row.outcome[0] == 'p') {
      std::get<DatabaseCheck>(check.protocol) = {.database = Database::mysql};
      CHECK_THAT(room.ask(check, kPort), StartsWith("pass L7OK: MariaDB 1"));
      CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: MariaDB 1"));
    }
  }
}

}  // namespace ronda::probes
