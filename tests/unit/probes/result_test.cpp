#include "probes/result.hpp"

#include <cerrno>

#include "tests/support/catch.hpp"

namespace ronda::probes {

TEST_CASE("printable escapes what a terminal could misread and keeps to its limit") {
  CHECK(printable("220 mail ESMTP") == "220 mail ESMTP");
  CHECK(printable("a\r\n\x1b[2J\x80") == "a\\x0d\\x0a\\x1b[2J\\x80");
  CHECK(printable("") == "");
  CHECK(printable("12345678", 8) == "12345678");
  CHECK(printable("123456789", 8) == "12345...");
  CHECK(printable("12\x01\x01\x01", 8) == "12...");
  CHECK(printable(std::string(1000, 'x')).size() == 200);
  CHECK(printable(std::string(1000, '\0')).size() <= 200);
  CHECK(printable("abc", 2) == "");
}

TEST_CASE("a fault of ours is unknown, one of theirs a failure of its phase") {
  struct Row {
    net::Phase phase;
    int error;
    net::Origin origin;
    Verdict verdict;
    Code code;
  };
  const Row rows[] = {
      {net::Phase::open, EMFILE, net::Origin::ours, Verdict::unknown, Code::SOCKERR},
      {net::Phase::connect, ENETUNREACH, net::Origin::ours, Verdict::unknown, Code::SOCKERR},
      {net::Phase::connect, ECONNREFUSED, net::Origin::theirs, Verdict::fail, Code::L4CON},
      {net::Phase::connect, ETIMEDOUT, net::Origin::theirs, Verdict::fail, Code::L4TOUT},
      {net::Phase::tls_handshake, 0, net::Origin::theirs, Verdict::fail, Code::L6RSP},
      {net::Phase::receive, ECONNRESET, net::Origin::theirs, Verdict::fail, Code::L7RSP},
      {net::Phase::send, EPIPE, net::Origin::theirs, Verdict::fail, Code::L7RSP},
  };
  for (const Row& row : rows) {
    const auto result = from_fault({row.phase, row.error, row.origin, "text\n"});
    CAPTURE(row.error);
    CHECK(result.verdict == row.verdict);
    CHECK(result.code == row.code);
    CHECK(result.detail == "text\\x0a");
  }
}

TEST_CASE("verdicts and codes have their names") {
  CHECK(std::string(to_string(Verdict::pass)) == "pass");
  CHECK(std::string(to_string(Verdict::unknown)) == "unknown");
  CHECK(std::string(to_string(Code::L7OKC)) == "L7OKC");
  CHECK(std::string(to_string(Code::SOCKERR)) == "SOCKERR");
}

}  // namespace ronda::probes
