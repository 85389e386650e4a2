#include "dnsupdate/nsupdate/key_text.hpp"

#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

TEST_CASE("keys in one word") {
  const auto key = parse_key_option("hmac-sha256:k.example:c2VjcmV0");
  REQUIRE(key);
  CHECK((*key)->name.to_string() == "k.example");
  CHECK((*key)->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK((*key)->secret.bytes().size() == 6);
  CHECK(parse_key_option("k:c2VjcmV0").value()->algorithm == TsigAlgorithm::hmac_md5);
}

TEST_CASE("keys in one word that are none") {
  for (const char* text : {"", "k", ":c2VjcmV0", "k:", "hmac-sha256::c2VjcmV0", "hmac-sha256:k:"}) {
    INFO(text);
    const auto key = parse_key_option(text);
    REQUIRE_FALSE(key);
    CHECK(key.error() == "key option must specify [hmac:]keyname:secret");
  }
}

TEST_CASE("an error never shows the secret") {
  for (const char* text : {"k:c2VjcmV", "hmac-x:k:c2VjcmV", "a..b:c2VjcmV0"}) {
    INFO(text);
    const auto key = parse_key_option(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().find("c2VjcmV") == std::string::npos);
  }
}

TEST_CASE("the KEY record of a K file") {
  const auto key = parse_key_record("legacy. IN KEY 512 3 163 c2Vj cmV0\n");
  REQUIRE(key);
  CHECK((*key)->name.to_string() == "legacy");
  CHECK((*key)->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK((*key)->secret.bytes().size() == 6);
  CHECK_THAT(parse_key_record("z. IN KEY 512 3 13 c2VjcmV0\n").error(),
             ContainsSubstring("SIG(0) is not supported"));
  CHECK_FALSE(parse_key_record(""));
  CHECK_FALSE(parse_key_record("key x { };"));
}

}  // namespace
}  // namespace ronda::test
