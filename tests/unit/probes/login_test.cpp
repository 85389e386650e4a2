#include "probes/login.hpp"

#include "probes/result.hpp"
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

TEST_CASE("a password that was escaped or cut on its way into a text does not show either") {
  const auto login = *Login::parse("u\np\xc3\xa4ss-word", "f");
  const auto shown = [&](const std::string& said, std::size_t limit) {
    return hide(printable(said, limit), login.secrets());
  };
  CHECK(shown("500 p\xc3\xa4ss-word?", 200) == "500 ***?");
  // At whatever octet the cut falls, nothing of the word is left before the dots.
  for (std::size_t limit = 8; limit < 24; ++limit) {
    CHECK(shown("500 p\xc3\xa4ss-word and more", limit) == "500 ***...");
  }
  CHECK(shown("500 x..., 501 p\xc3\xa4ss", 200) == "500 x..., 501 p\\xc3\\xa4ss");
  // A second cut behind the first.
  CHECK(hide("a p... b p\\xc3...", login.secrets()) == "a ***... b ***...");
}

TEST_CASE("a password that had come in part when the text was made does not show either") {
  const auto login = *Login::parse("probe\nsecret-word", "f");
  const auto shown = [&](const std::string& text) { return hide(text, login.secrets()); };
  CHECK(shown("got \"-ERR bad secret-wor\" within 3s") == "got \"-ERR bad ***\" within 3s");
  CHECK(shown("got \"bad " + login.plain().substr(0, 12) + "\"") == "got \"bad ***\"");
  // Fewer octets tell less than hiding them would.
  CHECK(shown("got \"this is sec\"") == "got \"this is sec\"");
  const auto octets = *Login::parse("u\np\xc3\xa4ss-word", "f");
  CHECK(hide("got \"no p\\xc3\\xa4\"", octets.secrets()) == "got \"no ***\"");
}

}  // namespace ronda::probes
