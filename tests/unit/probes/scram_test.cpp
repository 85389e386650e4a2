#include "probes/scram.hpp"

#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

// RFC 7677 3.
constexpr const char* kNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

std::string refused(const std::string& server_first) {
  ScramClient client("user", "pencil", kNonce);
  const auto answer = client.answer(server_first);
  return answer ? "taken" : answer.error();
}

}  // namespace

TEST_CASE("SCRAM-SHA-256: the example of RFC 7677") {
  ScramClient client("user", "pencil", kNonce);
  CHECK(client.first() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  CHECK(client.answer(kServerFirst).value() ==
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK(client.proofs() ==
        std::vector<std::string>{"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                                 "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="});
  CHECK(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  for (const char* forged : {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "v=6rri", "",
                             "x=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}) {
    CAPTURE(forged);
    CHECK(client.verify(forged).error() ==
          "a proof that is wrong: this server does not know the password");
  }
  CHECK(client.verify("e=invalid-proof").error() == "\"invalid-proof\"");
  CHECK_FALSE(ScramClient("user", "pencil", kNonce).verify("v="));
  CHECK(ScramClient("a=b,c", "p", "n").first() == "n,,n=a=3Db=2Cc,r=n");
}

TEST_CASE("SCRAM-SHA-256: a first answer that is none") {
  for (const char* text :
       {"", "r=", "x", "r=rOprNGfwEbeRWgbNEkqOx", "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=%%,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=0",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=-1", "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=99999999999",
        "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=W22Z"}) {
    CAPTURE(text);
    CHECK(refused(text) == "\"" + std::string(text) + "\"");
  }
  CHECK(refused("r=other,s=W22Z,i=4096") == "an answer to somebody else (another nonce)");
  CHECK(refused("r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096") ==
        "an answer to somebody else (another nonce)");
  CHECK(refused("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=16385") ==
        "16385 rounds to calculate, ronda does at most 16384");
}

}  // namespace ronda::probes
