#include "probes/credentials.hpp"

#include "probes/login.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

std::string shown(const CheckSpec& check, const std::string& text) {
  return without_credentials(hide_words(hide(text, secrets_of(check)), short_secrets_of(check)));
}

}  // namespace

TEST_CASE("a program's password shows in no text, its port and address do") {
  const CheckSpec check{
      .protocol = ExecCheck{.argv = {"/bin/check", "-H", "192.0.2.1", "-p", "8080", "--password",
                                     "hidden1", "--api-token=hidden2", "-a", "me:hidden3", "--port",
                                     "5432", "-P", "{port}", "http://me:hidden4@host/x"}}};
  CHECK(shown(check,
              "-p 8080 --password hidden1 --api-token=hidden2 -a me:hidden3 --port 5432 "
              "{port} http://me:hidden4@host/x") ==
        "-p 8080 --password *** --api-token=*** -a *** --port 5432 {port} http://***@host/x");
}

TEST_CASE("a program's secrets in headers, assignments and options without a blank") {
  const CheckSpec check{
      .protocol = ExecCheck{
          .argv = {"/bin/check", "-k", "Authorization: Bearer hidden1", "-k", "X-Api-Key: hidden2",
                   "password=hidden3", "PASS=hidden4", "-phunter33", "-password", "hidden5", "-p80",
                   "-k", "Accept: text", "mode=well", "-c", "sleep 1; key=3; echo well"}}};
  CHECK(shown(check,
              "Authorization: Bearer hidden1, hidden1, X-Api-Key: hidden2 password=hidden3 "
              "PASS=hidden4 -phunter33 -password hidden5 -p80 Accept: text mode=well echo well") ==
        "Authorization: ***, ***, X-Api-Key: *** password=*** PASS=*** -p*** -password *** -p80 "
        "Accept: text mode=well echo well");
}

TEST_CASE("what a dialogue of one's own says after the word for a login is a secret") {
  const auto step = [](const std::string& text) {
    return CheckSpec{.protocol = TcpCheck{.steps = {{TcpStepKind::send, text}}}};
  };
  CHECK(shown(step("AUTH hidden1\r\n"), "AUTH hidden1") == "AUTH ***");
  CHECK(shown(step("a LOGIN me hidden1\r\n"), "no me hidden1, bad hidden1") == "no ***, bad ***");
  CHECK(shown(step("EHLO probe.example\r\n"), "EHLO probe.example") == "EHLO probe.example");
  CHECK(shown({.protocol = AgentCheck{.send = "token hidden1\n"}}, "token hidden1? no hidden1") ==
        "***? no ***");
}

TEST_CASE("a secret in a dialogue of one's own ends with its line, and has any length") {
  const auto step = [](const std::string& text) {
    return CheckSpec{.protocol = TcpCheck{.steps = {{TcpStepKind::send, text}}}};
  };
  const CheckSpec two = step("AUTH hidden1\r\nPING\r\nPASS hidden2\r\n");
  CHECK(shown(two, "-ERR no hidden1, no hidden2 to PING") == "-ERR no ***, no *** to PING");
  // As Redis takes it.
  const CheckSpec words = step("*2\r\n$4\r\nAUTH\r\n$7\r\nhidden1\r\n");
  CHECK(shown(words, "hidden1?") == "***?");

  const CheckSpec brief = step("AUTH ab\r\n");
  CHECK(shown(brief, "AUTH ab") == "AUTH ***");
  CHECK(shown(brief, "no ab, about \"ab\" grab") == "no ***, about \"***\" grab");
  CHECK(shown(brief, "got \"no\\x0aab\"") == "got \"no\\x0a***\"");
  CHECK(shown(step("PASS x\r\n"), "PASS x, extra") == "PASS ***, extra");
  CHECK(shown(step("AUTH a b\r\n"), "AUTH a b, a, b") == "AUTH ***, a, ***");
  CHECK(shown(step("AUTH b\r\nPASS a b\r\n"), "PASS a b") == "PASS ***");
}

TEST_CASE("what answers a 334 after AUTH is a secret as a whole") {
  const CheckSpec login{.protocol = TcpCheck{.steps = {{TcpStepKind::send, "AUTH LOGIN\r\n"},
                                                       {TcpStepKind::expect, "^334"},
                                                       {TcpStepKind::send, "aGlkZGVu\r\n"},
                                                       {TcpStepKind::reject, "^5"},
                                                       {TcpStepKind::expect_bytes, "334 "},
                                                       {TcpStepKind::send, "b25l\r\n"},
                                                       {TcpStepKind::expect, "^235"},
                                                       {TcpStepKind::send, "NOOP\r\n"},
                                                       {TcpStepKind::expect, "334"},
                                                       {TcpStepKind::send, "QUIT\r\n"}}}};
  CHECK(shown(login, "aGlkZGVu b25l NOOP QUIT") == "*** *** NOOP QUIT");
}

TEST_CASE("credentials in URLs and headers, whoever wrote them") {
  const CheckSpec check{.protocol = HttpCheck{.path = "/x?a=b&api_key=hidden1",
                                              .headers = {{"Authorization", "Bearer hidden2"}}}};
  CHECK(shown(check, "hidden1 and hidden2 of Bearer hidden2") == "*** and *** of ***");
  CHECK(without_credentials("to http://me:word@host/x?token=abc: expected 200") ==
        "to http://***@host/x?token=***: expected 200");
  CHECK(without_credentials("https://host/a@b?c=d&key=e f") == "https://host/a@b?c=d&key=*** f");
  CHECK(without_credentials("what? a=b") == "what? a=b");
  CHECK(secret_of_header("Set-Cookie: id=abc; Path=/\r\n") == "id=abc; Path=/");
  CHECK(secret_of_header("authorization: Basic abc") == "Basic abc");
  CHECK(secret_of_header("WWW-Authenticate: Basic realm=x").empty());
  CHECK(secret_of_header("Content-Type: text/plain").empty());
  CHECK(secret_of_header("GET /key HTTP/1.1").empty());
}

}  // namespace ronda::probes
