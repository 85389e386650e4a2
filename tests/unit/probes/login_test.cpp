#include "probes/login.hpp"

#include "tests/support/catch.hpp"

namespace ronda::probes {

TEST_CASE("a login is two lines of a file") {
  const auto login = Login::parse("probe\r\np:w \"x\\\n\n", "/etc/ronda/login");
  REQUIRE(login);
  CHECK(*login);
  CHECK(login->user() == "probe");
  CHECK(login->password() == "p:w \"x\\");
  CHECK(login->quoted() == R"("probe" "p:w \"x\\")");
  CHECK(*Login::parse("u\np", "f") == *Login::parse("u\nother", "f"));
  CHECK(*Login::parse("u\np", "f") != *Login::parse("u\np", "g"));
  CHECK_FALSE(Login());
  CHECK(Login().secrets().empty());
  CHECK(Login::parse("u\np", "f")->plain() == "AHUAcA==");
}

TEST_CASE("what is no login is refused without being repeated") {
  const std::pair<std::string, const char*> rows[] = {
      {"", "two lines"},
      {"onlyuser", "two lines"},
      {"user\n\nsecret", "two lines"},
      {"user\nsecret\nmore", "more than two lines"},
      {"user\nsec\x01ret", "control character"},
      {std::string("user\nsec\0ret", 12), "control character"},
      {"user\n" + std::string(256, 's'), "255 octets"},
  };
  for (const auto& [text, why] : rows) {
    CAPTURE(text);
    const auto login = Login::parse(text, "f");
    REQUIRE_FALSE(login);
    CHECK_THAT(login.error(), ContainsSubstring(why));
    CHECK(login.error().find("secret") == std::string::npos);
  }
}

TEST_CASE("no form of a password shows") {
  const auto login = *Login::parse("u\np\"w", "f");
  const std::string said =
      "AUTH PLAIN " + login.plain() + ", LOGIN " + login.quoted() + ", PASS p\"w p\"w";
  CHECK(hide(said, login.secrets()) == "AUTH PLAIN ***, LOGIN \"u\" ***, PASS *** ***");
  // A password that the stars themselves contain ends all the same.
  CHECK(hide("a*b", Login::parse("u\n*", "f")->secrets()) == "a***b");
}

}  // namespace ronda::probes
