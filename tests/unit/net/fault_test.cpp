#include "net/fault.hpp"

#include <cctype>
#include <cerrno>

#include "tests/support/catch.hpp"

using namespace ronda::net;

TEST_CASE("what we lack is ours, whoever tells") {
  const int error = GENERATE(EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EPERM, EAGAIN,
                             EAFNOSUPPORT, EINVAL, ENETDOWN);
  CHECK(classify(Phase::open, error).origin == Origin::ours);
  CHECK(classify(Phase::connect, error, Told::later).origin == Origin::ours);
  CHECK(classify(Phase::connect, error).error == error);
}

TEST_CASE("what the peer does is theirs, whoever tells") {
  const int error = GENERATE(ECONNREFUSED, ECONNRESET, ETIMEDOUT, EPIPE);
  CHECK(classify(Phase::connect, error).origin == Origin::theirs);
  CHECK(classify(Phase::connect, error, Told::later).origin == Origin::theirs);
}

TEST_CASE("a way that our kernel does not have is ours, one that a router closes is theirs") {
  const int error = GENERATE(ENETUNREACH, EHOSTUNREACH, EACCES, ENONET);
  CHECK(classify(Phase::connect, error).origin == Origin::ours);
  CHECK(classify(Phase::connect, error, Told::later).origin == Origin::theirs);
}

TEST_CASE("the text is a short phrase in small letters") {
  CHECK(classify(Phase::connect, ECONNREFUSED).text == "connection refused");
  CHECK(classify(Phase::connect, ETIMEDOUT).text == "connection timed out");
  CHECK(classify(Phase::connect, ENETUNREACH).text == "no route to that network from here");
  CHECK(classify(Phase::connect, EHOSTUNREACH).text == "no route to that host from here");
  CHECK(classify(Phase::connect, EACCES).text == "not permitted here");
  CHECK(classify(Phase::connect, ENETUNREACH, Told::later).text ==
        "the network refuses: no route to that network");
  CHECK(classify(Phase::connect, EHOSTUNREACH, Told::later).text == "no route to host");
  CHECK(classify(Phase::connect, EACCES, Told::later).text ==
        "the network refuses: prohibited by a router or a firewall");
  CHECK(classify(Phase::open, EMFILE).text == "too many open files");
  CHECK(classify(Phase::open, 100000).text == "error 100000");
  for (int error = 0; error < 140; ++error) {
    const std::string text = classify(Phase::open, error).text;
    REQUIRE_FALSE(text.empty());
    CHECK(text.size() < 80);
  }
  CHECK(to_string(Phase::tls_handshake) == std::string("TLS handshake"));
}
