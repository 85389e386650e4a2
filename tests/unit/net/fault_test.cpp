#include "net/fault.hpp"

#include <cctype>
#include <cerrno>

#include "tests/support/catch.hpp"

using namespace ronda::net;

TEST_CASE("what we lack is ours") {
  const int error = GENERATE(EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EPERM, EACCES,
                             ENETUNREACH, EAGAIN, EAFNOSUPPORT, EINVAL, ENETDOWN);
  CHECK(classify(Phase::open, error).origin == Origin::ours);
  CHECK(classify(Phase::connect, error).error == error);
}

TEST_CASE("what the peer or its network does is theirs") {
  const int error = GENERATE(ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ETIMEDOUT, EPIPE);
  CHECK(classify(Phase::connect, error).origin == Origin::theirs);
}

TEST_CASE("the text is a short phrase in small letters") {
  CHECK(classify(Phase::connect, ECONNREFUSED).text == "connection refused");
  CHECK(classify(Phase::connect, ETIMEDOUT).text == "connection timed out");
  CHECK(classify(Phase::open, EMFILE).text == "too many open files");
  CHECK(classify(Phase::open, 100000).text == "error 100000");
  for (int error = 0; error < 140; ++error) {
    const std::string text = classify(Phase::open, error).text;
    REQUIRE_FALSE(text.empty());
    CHECK(text.size() < 80);
  }
  CHECK(to_string(Phase::tls_handshake) == std::string("TLS handshake"));
}
