#include "probes/passive.hpp"

#include "probes/kinds.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;

const PassiveCheck kCheck{.file = "/run/words", .service = "www.example.com", .replica = "web1"};

// "fail: reason", "none", or the error.
std::string found(const std::string& text) {
  const auto word = find_word(text, kCheck, *net::IpAddress::parse("2001:db8::1"));
  if (!word) {
    return "error: " + word.error();
  }
  return *word ? std::string(to_string((*word)->verdict)) + ": " + (*word)->reason : "none";
}

std::string said(const ProbeResult& result) {
  return std::string(to_string(result.verdict)) + " " + to_string(result.code) + ": " +
         result.detail;
}

}  // namespace

TEST_CASE("passive: the last line about the replica is its word") {
  CHECK(found("") == "none");
  CHECK(found("www.example.com/web1 fail disk full\n") == "fail: disk full");
  CHECK(found("web1 pass\n") == "pass: ");
  CHECK(found("web1 warn") == "warn: ");
  CHECK(found("2001:db8:0::1\tfail \t two  blanks \r\n") == "fail: two  blanks");
  CHECK(found("web1 fail\nweb2 pass\nwww.example.com/web1 pass all well\n") == "pass: all well");
  CHECK(found("web2 fail\nweb10 fail\nweb fail\nother/web1 fail\n192.0.2.1 fail\n") == "none");
  CHECK(found("# web1 fail\n\n   \n  # web1 pass\n") == "none");
  CHECK(found("   web1   warn   slow\n") == "warn: slow");
  CHECK(found("\xef\xbb\xbfweb1 fail disk full\n") == "fail: disk full");
  CHECK(found("web1 fail \x1b[2J\n") == "fail: \\x1b[2J");
  CHECK(found("web1 fail " + std::string(5000, 'x')).size() < 160);
}

TEST_CASE("passive: a line that cannot be read is an error only where it is the last word") {
  CHECK(found("web1 up\n") == "error: line 1: \"up\" is none of pass, warn, fail");
  CHECK(found("# a\nweb1\n") == "error: line 2: \"\" is none of pass, warn, fail");
  CHECK(found("web1 FAIL\n") == "error: line 1: \"FAIL\" is none of pass, warn, fail");
  CHECK(found("web1 fai") == "error: line 1: \"fai\" is none of pass, warn, fail");
  CHECK(found("web1 up\nweb1 pass\n") == "pass: ");
  CHECK(found("web2 up\nweb1 pass\n") == "pass: ");
}

TEST_CASE("passive: a word counts until it expires, and says how old it is") {
  const Word fail{.verdict = Verdict::fail, .reason = "disk full"};
  CHECK(said(judge_word(fail, 0s, 60s)) == "fail L7STS: reported fail: disk full");
  CHECK(said(judge_word(fail, 12'900ms, 60s)) == "fail L7STS: reported fail 12s ago: disk full");
  CHECK(said(judge_word(fail, 60s, 60s)) == "fail L7STS: reported fail 1m ago: disk full");
  CHECK(said(judge_word(fail, 75s, 60s)) ==
        "unknown SOCKERR: the last word, fail, is 1m15s old and expires after 1m");
  CHECK(said(judge_word({.verdict = Verdict::pass}, 0s, 60s)) == "pass L7OK: reported pass");
  CHECK(said(judge_word({.verdict = Verdict::warn, .reason = "slow"}, 0s, 60s)) ==
        "warn L7OKC: reported warn: slow");
  // Clocks differ a little; a date far ahead would never expire.
  CHECK(said(judge_word(fail, -2s, 60s)) == "fail L7STS: reported fail: disk full");
  CHECK(said(judge_word(fail, -61s, 60s)) ==
        "unknown SOCKERR: the last word, fail, is from the future by more than 1m");
}

TEST_CASE("passive: a reason shows nobody's password") {
  CHECK(found("web1 fail GET https://me:word@host/?token=abc&a=b") ==
        "fail: GET https://***@host/?token=***&a=b");
  CHECK(reason_of("GET https://me:word@host: 500") == "GET https://***@host: 500");
  // Not even where it is cut.
  CHECK_THAT(reason_of(std::string(130, 'x') + " https://me:word@host"), !ContainsSubstring("me:"));
}

TEST_CASE("passive: keys") {
  const Kind& kind = *find_kind("passive");
  CHECK_FALSE(kind.needs_port);
  CheckSpec check{.kind = "passive", .protocol = kind.initial};
  CHECK(validate(kind, check).empty());
  REQUIRE(kind.fields[1].key == "expires");
  CHECK(kind.fields[1].set(check, net::Duration(5s)));
  CHECK_FALSE(kind.fields[1].set(check, net::Duration(999ms)));
  CHECK(why_useless(kind, "source") == "a passive check opens no connection: it is told");
}

}  // namespace ronda::probes
