#include "tests/support/bed/postgresql.hpp"

#include "tests/integration/doors/door_room.hpp"

namespace ronda::probes {
namespace {

using Catch::Matchers::StartsWith;
using test::count;
using test::DoorRoom;
using test::Postgresql;

constexpr std::uint16_t kPort = 28'490;
constexpr const char* kGood = "probe\nsecret-word\n";
constexpr const char* kBad = "probe\nother-word\n";

CheckSpec check_of(const char* login = nullptr, Role role = Role::any, TlsMode tls = TlsMode::off) {
  DatabaseCheck made{.database = Database::postgresql, .role = role};
  if (login != nullptr) {
    made.login = *Login::parse(login, "f");
  }
  return test::make_check("postgresql", made, tls);
}

// What it writes when a client breaks a rule of its protocol.
void expect_no_complaint(const std::string& log) {
  INFO(log);
  for (const char* complaint :
       {"expected password", "protocol version", "incomplete startup", "SSL error", "could not",
        "invalid message", "invalid startup", "unexpected EOF", "broken pipe"}) {
    CAPTURE(complaint);
    CHECK(count(log, complaint) == 0);
  }
}

}  // namespace

TEST_CASE("PostgreSQL: up, logins by SCRAM, wrong passwords, and down") {
  DoorRoom room;
  Postgresql server(room.host, kPort, {});
  CHECK(room.ask(check_of(), kPort) == "pass L7OK: speaks: wants a login by SASL");
  CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: PostgreSQL 1"));
  const std::string primary = room.ask(check_of(kGood, Role::primary), kPort);
  CHECK_THAT(primary, StartsWith("pass L7OK: PostgreSQL 1"));
  CHECK_THAT(primary, ContainsSubstring(" ready, a primary"));
  expect_no_complaint(server.log());
  CHECK(room.ask(check_of(kBad), kPort) ==
        "fail L7STS: expected AuthenticationOk, got 28P01 \"password authentication failed for "
        "user \"probe\"\"");
  CHECK(room.ask(check_of("nobody\nother-word\n"), kPort) ==
        "fail L7STS: expected AuthenticationOk, got 28P01 \"password authentication failed for "
        "user \"nobody\"\"");
  CHECK(room.ask(check_of(nullptr, Role::any, TlsMode::starttls), kPort) ==
        "fail L7RSP: expected S to SSLRequest, got N: TLS is not offered");
  INFO(room.dialogue);
  CHECK(count(room.dialogue, "-word") == 0);
  CHECK(count(room.dialogue, "r=***") >= 3);
  CHECK(count(room.dialogue, ",p=***") >= 3);
  CHECK(count(room.dialogue, "v=***") == 2);

  server.pause();
  CheckSpec impatient = check_of();
  impatient.timeout = std::chrono::milliseconds(300);
  CHECK(room.ask(impatient, kPort) ==
        "fail L7TOUT: expected a request for a login, got nothing within 300ms");
  server.stop();
  CHECK_THAT(room.ask(check_of(), kPort), StartsWith("fail L4CON: "));
}

TEST_CASE("PostgreSQL: the other logins, and hosts it does not let in") {
  DoorRoom room;
  const auto certificates = room.certificates("good");
  CheckSpec secured = check_of(kGood, Role::any, TlsMode::starttls);
  secured.tls_settings.ca_file = certificates.ca.string();
  {
    Postgresql md5(room.host, kPort, {.login = "md5"});
    CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: PostgreSQL 1"));
    CHECK_THAT(room.ask(check_of(kBad), kPort), ContainsSubstring("got 28P01"));
    CHECK(count(room.dialogue, "md5") == 0);  // its answer is hidden
  }
  {
    Postgresql clear(room.host, kPort, {.login = "password", .certificates = &certificates});
    CHECK(room.ask(check_of(kGood), kPort) ==
          "fail L7STS: expected AuthenticationOk, got a wish for the password in clear text, which "
          "ronda says only under TLS");
    CHECK_THAT(room.ask(secured, kPort), StartsWith("pass L7OK: PostgreSQL 1"));
    CHECK(count(room.dialogue, "-word") == 0);
    expect_no_complaint(clear.log());
  }
  {
    Postgresql trusting(room.host, kPort, {.login = "trust"});
    CHECK_THAT(room.ask(check_of(kBad), kPort), StartsWith("pass L7OK: PostgreSQL 1"));
    CHECK(room.ask(check_of(), kPort) ==
          "pass L7OK: speaks: 28000 \"role \"ronda\" does not exist\"");
  }
  {
    Postgresql closed(room.host, kPort, {.who = "probe"});
    const std::string outcome = room.ask(check_of(), kPort);
    CHECK_THAT(outcome, StartsWith("pass L7OK: speaks: 28000 \"no pg_hba.conf entry for host"));
    CHECK_THAT(room.ask(check_of("nobody\nother-word\n"), kPort),
               StartsWith("fail L7STS: expected AuthenticationOk, got 28000 \"no pg_hba.conf"));
  }
}

TEST_CASE("PostgreSQL: full, not yet ready, and a standby") {
  DoorRoom room;
  {
    Postgresql full(room.host, kPort,
                    {.login = "trust",
                     .more = "max_connections = 1\nsuperuser_reserved_connections = 0\n"
                             "max_wal_senders = 0\n"});
    // A guest, who has come in and stays.
    const TcpCheck stay{.steps = {{TcpStepKind::send, std::string("\0\0\0\x26\0\3\0\0user\0probe\0"
                                                                  "database\0postgres\0\0",
                                                                  38)},
                                  {TcpStepKind::expect, "never"}}};
    const net::Handle guest = start_probe(room.prober.engines, test::make_check("tcp", stay),
                                          test::endpoint(room.host, kPort), [](const auto&) {});
    CHECK(room.prober.wait_for([&] { return count(full.log(), "authorized: user=probe") > 0; }));
    CHECK(room.ask(check_of(), kPort) ==
          "fail L7STS: expected a request for a login, got 53300 \"sorry, too many clients "
          "already\"");
  }
  {
    Postgresql cold(room.host, kPort,
                    {.standby = true, .more = "hot_standby = off\n", .ready = "entering standby"});
    CHECK_THAT(room.ask(check_of(), kPort),
               StartsWith("fail L7STS: expected a request for a "
                          "login, got 57P03 \"the database system is"));
  }
  Postgresql standby(room.host, kPort, {.standby = true});
  CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: PostgreSQL 1"));
  CHECK(room.ask(check_of(kGood, Role::primary), kPort) ==
        "fail L7STS: expected f from pg_is_in_recovery(), got t: a standby");
  expect_no_complaint(standby.log());
}

TEST_CASE("PostgreSQL: certificates that are good, ended, of another name, of an unknown CA") {
  DoorRoom room;
  const auto good = room.certificates("good");
  const auto ended = room.certificates("ended", "DNS:www.example.test", -1);
  const auto other = room.certificates("other", "DNS:else.example.test");
  struct Row {
    const test::Certificates& server;
    const test::Certificates& known;
    const char* outcome;
  };
  for (const Row& row : {Row{good, good, "pass L7OK: PostgreSQL 1"},
                         Row{ended, ended, "fail L6RSP: certificate has expired"},
                         Row{other, other, "fail L6RSP: certificate is for another name"},
                         Row{good, other, "fail L6RSP: "}}) {
    CAPTURE(row.outcome);
    Postgresql server(room.host, kPort, {.certificates = &row.server});
    CheckSpec check = check_of(kGood, Role::primary, TlsMode::starttls);
    check.tls_settings.ca_file = row.known.ca.string();
    CHECK_THAT(room.ask(check, kPort), StartsWith(row.outcome));
    std::get<DatabaseCheck>(check.protocol) = {};
    if (&row.server == &row.known && row.outcome[0] == 'p') {
      CHECK(room.ask(check, kPort) == "pass L7OK: speaks: wants a login by SASL");
      CHECK_THAT(room.ask(check_of(kGood), kPort), StartsWith("pass L7OK: PostgreSQL 1"));
      expect_no_complaint(server.log());
    }
  }
}

}  // namespace ronda::probes
