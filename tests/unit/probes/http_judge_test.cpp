#include "probes/http_judge.hpp"

#include "probes/http_spec.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

CheckSpec http(HttpCheck protocol) {
  return {.kind = "http", .protocol = std::move(protocol)};
}

std::string judged(const HttpCheck& protocol, const HttpReply& reply) {
  const auto result = judge_http(http(protocol), reply);
  return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
         result.detail;
}

}  // namespace

TEST_CASE("http: what counts as healthy") {
  const HttpReply good{
      .status = 200,
      .headers = {{"Content-Type", "text/plain"}, {"x-role", "b"}, {"X-Role", "a"}},
      .body = "all is well"};
  struct Row {
    HttpCheck check;
    HttpReply reply;
    const char* outcome;
  };
  const Row rows[] = {
      {{}, good, "pass L7OK: status 200"},
      {{}, {.status = 299}, "pass L7OK: status 299"},
      {{}, {.status = 300}, "fail L7STS: expected status 200-299, got 300"},
      {{}, {.status = 503}, "fail L7STS: expected status 200-299, got 503"},
      {{},
       {.status = 302, .headers = {{"location", "http://me:" + std::string(60, 'x') + "@a/b"}}},
       "fail L7STS: expected status 200-299, got 302 to http://***@a/b"},
      {{},
       {.status = 302, .headers = {{"Location", ""}}},
       "fail L7STS: expected status 200-299, got 302"},
      {{.status = {{200, 200}, {301, 302}}},
       {.status = 404},
       "fail L7STS: expected status 200,301-302, got 404"},
      {{.status = {{200, 200}, {301, 302}}}, {.status = 302}, "pass L7OK: status 302"},
      {{.version = HttpVersion::two}, {.version = "2", .status = 200}, "pass L7OK: status 200"},
      {{.version = HttpVersion::two},
       {.version = "1.1", .status = 503},
       "fail L7RSP: expected HTTP/2, got HTTP/1.1"},
      {{.body = "well$"}, good, "pass L7OK: status 200"},
      {{.body = "^well"}, good, "fail L7RSP: expected body to match /^well/, got \"all is well\""},
      {{.body_not = "error"}, good, "pass L7OK: status 200"},
      {{.body_not = "w.ll"}, good, "fail L7RSP: expected body not to match /w.ll/, but it does"},
      {{.header = {{"X-ROLE", "^a$"}}}, good, "pass L7OK: status 200"},
      {{.header = {{"x-role", "^c$"}}},
       good,
       "fail L7RSP: expected header x-role to match /^c$/, got \"b\""},
      {{.header = {{"x-none", "."}}},
       good,
       "fail L7RSP: expected header x-none to match /./, but there is none"},
      {{.header_not = {{"x-none", "."}}}, good, "pass L7OK: status 200"},
      {{.header_not = {{"x-role", "a"}}},
       good,
       "fail L7RSP: expected header x-role not to match /a/, got \"a\""},
  };
  for (const Row& row : rows) {
    CHECK(judged(row.check, row.reply) == row.outcome);
  }
}

TEST_CASE("http: a status that asks to be drained decides alone") {
  const HttpCheck check{.drain_status = {{404, 404}, {503, 503}}, .body = "all is well"};
  CHECK(judged(check, {.status = 404}) == "pass L7OKC: status 404 is in drain_status: drained");
  CHECK(judge_http(http(check), {.status = 503}).drained);
  CHECK(judge_http_head(http(check), {.status = 503}).drained);
  CHECK_FALSE(judge_http(http(check), {.status = 200, .body = "all is well"}).drained);
  CHECK(judged(check, {.status = 500}) == "fail L7STS: expected status 200-299, got 500");
}

TEST_CASE("http: a cut body is named, matched or not") {
  const HttpReply cut{.status = 200, .body = "abc", .cut = true};
  CHECK_THAT(judged({.body = "b"}, cut), ContainsSubstring("pass L7OK: status 200, body cut"));
  CHECK_THAT(judged({.body = "d"}, cut), ContainsSubstring("in its first 3 bytes (read_limit)"));
  CHECK_THAT(judged({}, cut), ContainsSubstring("read_limit"));
}

TEST_CASE("http: foreign bytes are made printable") {
  CHECK_THAT(judged({.body = "x"}, {.status = 200, .body = "\x1b[2J\n"}),
             ContainsSubstring("got \"\\x1b[2J\\x0a\""));
}

TEST_CASE("http: the request goes to the endpoint under the server's name") {
  CheckSpec check = http({.path = "/health?a=b", .headers = {{"X-A", "1"}, {"X-B", ""}}});
  check.server_name = "www.example.com.";
  const net::Endpoint v4{net::IpAddress::from_v4({192, 0, 2, 1}), 8080};
  const HttpSpec spec = make_http_spec(check, v4);
  CHECK(spec.url == "http://www.example.com:8080/health?a=b");
  CHECK(spec.connect_to == "::192.0.2.1:8080");
  CHECK(spec.headers == std::vector<std::string>{"Host: www.example.com", "Connection: close",
                                                 "User-Agent: ronda/" RONDA_VERSION, "X-A: 1",
                                                 "X-B;"});
  CHECK_FALSE(spec.needs_body);
  CHECK_FALSE(spec.may_use_tls);

  std::get<HttpCheck>(check.protocol) = {.login = *Login::parse("u\np", "f")};
  CHECK(make_http_spec(check, v4).headers.back() == "Authorization: Basic dTpw");
  std::get<HttpCheck>(check.protocol).headers = {{"authorization", "Bearer x"}};
  CHECK(make_http_spec(check, v4).headers.back() == "authorization: Bearer x");

  std::get<HttpCheck>(check.protocol) = {.version = HttpVersion::two, .follow_redirects = true};
  const HttpSpec led = make_http_spec(check, v4);
  CHECK(led.connect_to == "::192.0.2.1:");
  CHECK(led.may_use_tls);
  CHECK(led.headers ==
        std::vector<std::string>{"Host: www.example.com", "User-Agent: ronda/" RONDA_VERSION});

  std::get<HttpCheck>(check.protocol) = {
      .host = "other", .headers = {{"user-agent", "me"}}, .body_not = "x"};
  check.tls = TlsMode::implicit;
  const HttpSpec v6 = make_http_spec(check, {*net::IpAddress::parse("2001:db8::1"), 443});
  CHECK(v6.url == "https://www.example.com:443/");
  CHECK(v6.connect_to == "::[2001:db8::1]:443");
  CHECK(v6.headers ==
        std::vector<std::string>{"Host: other", "Connection: close", "user-agent: me"});
  CHECK(v6.needs_body);

  check.server_name = "2001:db8::1";
  CHECK(make_http_spec(check, v4).url == "https://[2001:db8::1]:8080/");
}

}  // namespace ronda::probes
