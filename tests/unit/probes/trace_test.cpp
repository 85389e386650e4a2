#include "probes/trace.hpp"

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Lines = std::vector<std::string>;

struct Told {
  Lines lines{};
  OnTrace on_trace() {
    return [this](const TraceLine& line) {
      const char sign = line.kind == TraceKind::sent    ? '>'
                        : line.kind == TraceKind::heard ? '<'
                                                        : '*';
      lines.push_back(sign + line.text);
    };
  }
};

}  // namespace

TEST_CASE("a dialogue is told line by line, whatever pieces it comes in") {
  Told told;
  Tracer tracer(told.on_trace(), CheckSpec{});
  tracer.note("connected", {});
  tracer.heard("220-m", {});
  tracer.heard("x\r\n220 ES", {});
  tracer.heard("MTP\r\n", {});
  tracer.sent("EHLO a\r\nQUIT", {});
  tracer.heard("rest \x01", {});
  tracer.finish();
  tracer.finish();
  CHECK(told.lines ==
        Lines{"*connected", "<220-mx", "<220 ESMTP", ">EHLO a", ">QUIT", "<rest \\x01"});
}

TEST_CASE("what has no end of line is told before the answer to it, with its own time") {
  std::vector<TraceLine> lines;
  Tracer tracer([&](const TraceLine& line) { lines.push_back(line); }, CheckSpec{});
  const auto at = [](int milliseconds) { return std::chrono::milliseconds(milliseconds); };
  tracer.heard("hello\r\nlogin: ", at(1));
  tracer.sent("me\r\n", at(2));
  tracer.heard("# ", at(3));
  tracer.note("connection closed by the server", at(4));
  tracer.heard("rest", at(5));
  tracer.finish();
  REQUIRE(lines.size() == 6);
  const std::vector<std::pair<std::string, net::Duration>> expected{
      {"hello", at(1)},
      {"login: ", at(1)},
      {"me", at(2)},
      {"# ", at(3)},
      {"connection closed by the server", at(4)},
      {"rest", at(5)}};
  for (std::size_t index = 0; index < lines.size(); ++index) {
    CHECK(lines[index].text == expected[index].first);
    CHECK(lines[index].at == expected[index].second);
  }
}

TEST_CASE("a protocol without lines is told in the pieces that come, octet by octet") {
  const auto login = *Login::parse("u\nsecret\n", "f");
  for (const Protocol& protocol : {Protocol(DatabaseCheck{.login = login}),
                                   Protocol(PresetCheck{.preset = Preset::ldap, .login = login}),
                                   Protocol(PresetCheck{.preset = Preset::mqtt, .login = login})}) {
    Told told;
    Tracer tracer(told.on_trace(), {.protocol = protocol});
    tracer.heard("\x01\n\r\n\x02", {});
    tracer.sent("a\nb secret", {});
    tracer.heard("\nsec", {});
    tracer.sent("c", {});
    tracer.heard("ret\n", {});
    CHECK(told.lines ==
          Lines{"<\\x01\\x0a\\x0d\\x0a\\x02", ">a\\x0ab ***", "<\\x0a", ">c", "<***\\x0a"});
  }
}

TEST_CASE("no secret shows, neither sent nor heard back in pieces") {
  Told told;
  const auto login = *Login::parse("u\nsecret\n", "f");
  const Tracer silent(nullptr, {.protocol = FtpCheck{.login = login}});
  CHECK(silent.hidden("530 secret") == "530 ***");
  Tracer tracer(told.on_trace(), {.protocol = FtpCheck{.login = login}});
  tracer.sent("AUTH PLAIN " + login.plain() + "\r\nPASS secret\r\n", {});
  tracer.heard("500 PASS sec", {});
  tracer.heard("ret: what?\r\n", {});
  CHECK(told.lines == Lines{">AUTH PLAIN ***", ">PASS ***", "<500 PASS ***: what?"});
}

TEST_CASE("what a header lets somebody in by is a secret, by the header's name") {
  Told told;
  const HttpCheck http{.headers = {{"Authorization", "Bearer abcdef"},
                                   {"X-Api-Token", "12345678"},
                                   {"X-Short-Key", "1"},
                                   {"Accept", "text/plain"}}};
  Tracer tracer(told.on_trace(), {.protocol = http});
  tracer.sent("GET /1 HTTP/1.1\r\nAuthorization: Bearer abcdef\r\nAccept: text/plain\r\n", {});
  tracer.heard("no such token: 12345678\r\n", {});
  CHECK(told.lines == Lines{">GET /1 HTTP/1.1", ">Authorization: ***", ">Accept: text/plain",
                            "<no such token: ***"});
}

TEST_CASE("no secret shows in part where a long line is told in pieces, or ends in its middle") {
  Told told;
  const auto login = *Login::parse("u\nsecretive\n", "f");
  Tracer tracer(told.on_trace(), {.protocol = FtpCheck{.login = login}});
  tracer.heard(std::string(16'390, 'x') + "secret", {});  // one piece, cut in the password
  CHECK(told.lines.size() == 1);
  tracer.heard("ive and secret", {});
  tracer.finish();
  REQUIRE(told.lines.size() == 2);
  CHECK(told.lines[1] == "<*** and ***");
  tracer.heard("ends", {});  // as the password begins
  tracer.finish();
  CHECK(told.lines[2] == "<ends");
}

TEST_CASE("what is said in a dialogue that nobody may know shows neither then nor later") {
  Told told;
  Tracer tracer(told.on_trace(), {});
  tracer.sent("with c0ffee\r\n", {});
  tracer.hide("c0ffee");
  tracer.hide("ab\ncd");
  tracer.hide("");
  tracer.sent("n=,r=c0ffee", {});
  tracer.sent("x ab\ncd", {});
  tracer.heard("r=c0ffeeMORE\r\n", {});
  CHECK(told.lines == Lines{">with c0ffee", ">n=,r=***", ">x ***", "<r=***MORE"});
  CHECK(tracer.hidden("got r=c0ffeeMORE") == "got r=***MORE");
}

TEST_CASE("a detail is no longer for its stars") {
  const auto login = *Login::parse("u\na\n", "f");
  const Tracer tracer(nullptr, {.protocol = FtpCheck{.login = login}});
  const std::string detail = tracer.hidden(std::string(200, 'a'));
  CHECK(detail.size() == 200);
  CHECK(detail.starts_with("***"));
  CHECK(detail.ends_with("..."));
  CHECK(tracer.hidden("b\\x0d") == "b\\x0d");
}

TEST_CASE("a short word behind AUTH shows neither sent nor heard, and leaves other words alone") {
  Told told;
  const TcpCheck steps{.steps = {{TcpStepKind::send, "AUTH ab\r\n"}}};
  Tracer tracer(told.on_trace(), {.protocol = steps});
  tracer.sent("AUTH ab\r\n", {});
  tracer.heard("-ERR ab is not about\r\n", {});
  CHECK(told.lines == Lines{">AUTH ***", "<-ERR *** is not about"});
  CHECK(tracer.hidden("got \"ab\"") == "got \"***\"");
}

TEST_CASE("a line without an end is told all the same, in bounded memory") {
  Told told;
  Tracer tracer(told.on_trace(), CheckSpec{});
  for (int i = 0; i < 100; ++i) {
    tracer.heard(std::string(1000, 'x'), {});
  }
  CHECK(told.lines.size() == 5);
  CHECK(told.lines.front().size() < 1100);
  Tracer nobody(nullptr, CheckSpec{});
  nobody.heard("a\n", {});
  nobody.sent("a", {});
}

}  // namespace ronda::probes
