#include "agent/first/guess.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace agent;

Guess guess(const std::string& owner, const PortsSeen& seen = {}, Role role = Role::none) {
  return guess_check(name(owner), role, {}, seen);
}

TEST_CASE("an open port that fits the name wins, then any open port, then the name") {
  const PortsSeen all{.addresses = 2, .open = {{443, 2}, {80, 2}, {25, 1}, {21, 2}}};
  CHECK(guess("www.example.com", all).to_string() == "https on port 443, GET /");
  CHECK(guess("mail2.example.com", all).to_string() == "smtp on port 25");
  CHECK(guess("FTP.example.com", all).to_string() == "ftp on port 21");
  CHECK(guess("db.example.com", all).to_string() == "https on port 443, GET /");
  CHECK(guess("db.example.com", all, Role::mail).to_string() == "smtp on port 25");
  CHECK(guess("ns1.example.com", all, Role::name_server).to_string() == "tcp on port 53");
  CHECK(guess("mail2.example.com", all).why ==
        "the name begins with \"mail2\" and port 25 is open on 1 of 2 addresses");

  const PortsSeen only_mail{.addresses = 1, .open = {{587, 1}}};
  CHECK(guess("www.example.com", only_mail).to_string() == "smtp on port 587");
  CHECK(guess("www.example.com", only_mail).why == "port 587 is open on 1 of 1 address");

  const PortsSeen none{.addresses = 2};
  CHECK(guess("www.example.com", none).to_string() == "http on port 80, GET /");
  CHECK(guess("ftp.example.com", none).to_string() == "ftp on port 21");
  CHECK(guess("ftp.example.com", none).why ==
        "the name begins with \"ftp\", though none of the ports 443, 80, 25, 587, 21 is open");
  CHECK(guess("db.example.com").why == "by default");
  // "mailbox" is not a mail server of that habit.
  CHECK(guess("mailbox.example.com", none).kind == "http");
}

TEST_CASE("what was asked for is what is probed") {
  const auto asked = [](const Wishes& wishes, const std::string& owner = "www.example.com") {
    return guess_check(name(owner), Role::none, wishes, {}).to_string();
  };
  CHECK(asked({.type = "smtp"}) == "smtp on port 25");
  CHECK(asked({.type = "https", .port = 8443, .path = "/x"}) == "https on port 8443, GET /x");
  CHECK(asked({.port = 465}) == "smtps on port 465");
  CHECK(asked({.port = 8081}) == "http on port 8081, GET /");
  CHECK(asked({.port = 8081}, "db.example.com") == "tcp on port 8081");
  CHECK(asked({.path = "/x"}) == "https on port 443, GET /x");
  CHECK(asked({.port = 80, .path = "/x"}) == "http on port 80, GET /x");
  CHECK(ports_to_try({}).size() == 5);
  CHECK(ports_to_try({.type = "http"}).empty());
  CHECK(ports_to_try({.port = 80}).empty());
}

TEST_CASE("a redirect is a sign of life of a front page only") {
  CHECK(guess_check(name("www.example.com"), Role::none, {}, {}).status == "200-399");
  CHECK(guess_check(name("www.example.com"), Role::none, {.path = "/health"}, {}).status ==
        "200-299");
}

TEST_CASE("what is no host name is only connected to") {
  const Guess odd = guess_check(name("a\\\"b.example.com"), Role::none, {.type = "http"}, {});
  CHECK(odd.to_string() == "tcp on port 80");
  CHECK_THAT(odd.why, ContainsSubstring("no host name"));
}

TEST_CASE("a guess is a check that the table of kinds knows") {
  for (const char* type : {"http", "https", "smtp", "smtps", "ftp", "ftps"}) {
    const Guess made = guess_check(name("www.example.com"), Role::none, {.type = type}, {});
    const probes::CheckSpec spec = made.spec("www.example.com");
    CHECK(made.default_port());
    CHECK(spec.kind == type);
    CHECK((spec.tls == probes::TlsMode::implicit) == std::string_view(type).ends_with('s'));
  }
}

}  // namespace
}  // namespace ronda::test
