#include "probes/http_reply_reader.hpp"

#include <initializer_list>
#include <string>

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

void take(HttpReplyReader& reader, std::initializer_list<const char*> lines) {
  for (const char* line : lines) {
    CHECK(reader.take_line(line));
  }
}

}  // namespace

TEST_CASE("http reply: the final answer's status and headers, without interim ones and trailers") {
  HttpReplyReader reader(512, true, false);
  take(reader, {"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n"});
  CHECK_FALSE(reader.head_whole());
  take(reader, {"HTTP/1.1 200 OK\r\n", "X-A:  b \r\n", "x-a:\r\n", "nonsense\r\n", "\r\n"});
  CHECK(reader.head_whole());
  CHECK(reader.take_body("body"));
  take(reader, {"X-Trailer: c\r\n", "HTTP/1.1 500 No\r\n"});
  CHECK(reader.reply().status == 200);
  CHECK(reader.reply().headers == Headers{{"X-A", "b"}, {"x-a", ""}});
  CHECK(reader.reply().body == "body");
  CHECK_FALSE(reader.reply().cut);
}

TEST_CASE("http reply: a value may go on in the next line") {
  HttpReplyReader reader(512, true, false);
  take(reader, {"HTTP/1.1 200 OK\r\n", " nobody's\r\n", "X-A: b \t\r\n", "  c: d\r\n", "\te\t \r\n",
                "X-B:\r\n", " f\r\n", "\r\n"});
  CHECK(reader.reply().headers == Headers{{"X-A", "b c: d e"}, {"X-B", "f"}});
}

TEST_CASE("http reply: status lines of every form, and what is none") {
  for (const auto& [line, status] : {std::pair("HTTP/1.0 404\r\n", 404),
                                     {"HTTP/2 200 \r\n", 200},
                                     {"HTTP/1.1  301 Moved", 301},
                                     {"HTTP/1.1 2000 OK", 0},
                                     {"HTTP/1.1", 0},
                                     {"HTTP/1.1 ", 0},
                                     {"HTTP/1.1 2x0", 0}}) {
    CAPTURE(line);
    HttpReplyReader reader(512, false, false);
    take(reader, {line, "\r\n"});
    CHECK(reader.reply().status == status);
    CHECK(reader.head_whole() == (status != 0));
  }
}

TEST_CASE("http reply: behind a redirect that is followed comes another answer") {
  for (const bool follows : {true, false}) {
    HttpReplyReader reader(512, true, follows);
    take(reader, {"HTTP/1.1 302 Found\r\n", "LOCATION: /there\r\n", "\r\n"});
    CHECK(reader.redirects() == follows);
    CHECK(reader.location() == (follows ? "/there" : ""));
    if (follows) {
      reader.expect_answer();
      CHECK_FALSE(reader.head_whole());
    }
    CHECK(reader.location().empty());
    take(reader, {"HTTP/2 404\r\n", "X: y\r\n", "\r\n"});
    CHECK_FALSE(reader.redirects());
    CHECK(reader.head_whole());
    CHECK(reader.reply().status == (follows ? 404 : 302));
    CHECK(reader.reply().version == (follows ? "2" : "1.1"));
    CHECK(reader.reply().headers ==
          (follows ? Headers{{"X", "y"}} : Headers{{"LOCATION", "/there"}}));
  }
  // Neither of these leads anywhere.
  for (const auto* lines :
       {"HTTP/1.1 304 Same\r\nX: y\r\n", "HTTP/1.1 201 Made\r\nLocation: /x\r\n"}) {
    HttpReplyReader reader(512, true, true);
    const std::string text = lines;
    const auto second = text.find('\n') + 1;
    CHECK(reader.take_line(text.substr(0, second)));
    CHECK(reader.take_line(text.substr(second)));
    CHECK(reader.take_line("\r\n"));
    CHECK(reader.head_whole());
    CHECK_FALSE(reader.redirects());
  }
}

TEST_CASE("http reply: head and body are bounded") {
  HttpReplyReader reader(512, true, false);
  CHECK(reader.take_line("HTTP/1.1 200 OK\r\n"));
  const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
  int taken = 0;
  while (reader.take_line(line)) {
    ++taken;
  }
  CHECK(taken == 65);
  CHECK(reader.head_too_long());
  CHECK(reader.take_body(std::string(512, 'b')));
  CHECK_FALSE(reader.take_body("c"));
  CHECK(reader.reply().cut);
  CHECK(reader.reply().body == std::string(512, 'b'));

  HttpReplyReader thrifty(512, false, false);
  CHECK_FALSE(thrifty.take_body(std::string(513, 'b')));
  CHECK(thrifty.reply().cut);
  CHECK(thrifty.reply().body.empty());
}

}  // namespace ronda::probes
