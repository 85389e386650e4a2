#include "dnsupdate/wire/key_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/wire_support.hpp"

namespace ronda::dnsupdate {
namespace {

// As `tsig-keygen -a hmac-sha256 example-key` of BIND 9.18.49 printed it.
constexpr std::string_view kKeygen = R"(key "example-key" {
	algorithm hmac-sha256;
	secret "nLHRSu581V/5wGhrtpZ0NXGbYbvGCsQmJzqBqPfwKPY=";
};
)";

std::string hex_of(const TsigKeyPtr& key) {
  const auto octets = key->secret.bytes();
  return to_hex(Bytes(octets.begin(), octets.end()));
}

TEST_CASE("tsig-keygen's output is one key") {
  const auto keys = parse_key_file(kKeygen);
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(keys->front()->name == name_of("example-key"));
  CHECK(keys->front()->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK(hex_of(keys->front()) ==
        "9cb1d14aee7cd55ff9c0686bb6967435719b61bbc60ac426273a81a8f7f028f6");
}

TEST_CASE("a key may be written in every way that BIND reads") {
  const std::string_view text = GENERATE(
      "key \"k.x\" { algorithm hmac-sha256; secret \"YWJjZA==\"; };",
      "key k.x. { secret YWJjZA==; algorithm \"hmac-sha256\"; };",
      "KEY K.X{ALGORITHM HMAC-SHA256;SECRET \"YWJj ZA==\";};",
      "# one\n// two {\n/* three\n key \" */ key k.x { # four\n algorithm hmac-sha256; // five\n"
      " /* six */ secret \"YWJjZA==\"; };\n# end",
      "\r\nkey \"k.x\" {\r\n\talgorithm hmac-sha256;\r\n\tsecret \"YWJjZA==\";\r\n};\r\n",
      "hmac-sha256:k.x:YWJjZA==", "# knsupdate's\nhmac-sha256:k.x.:YWJjZA==\n");
  INFO(text);
  const auto keys = parse_key_file(text);
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(keys->front()->name == name_of("k.x"));
  CHECK(keys->front()->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK(hex_of(keys->front()) == "61626364");
}

TEST_CASE("two slashes inside a secret are Base64, not a comment") {
  for (const std::string_view text :
       {"hmac-sha1:k:ab//", "key k { algorithm hmac-sha1; secret ab//; };",
        "key k { algorithm hmac-sha1; secret \"ab//\"; };"}) {
    const auto keys = parse_key_file(text);
    REQUIRE(keys);
    CHECK(hex_of(keys->front()) == "69bfff");
  }
}

TEST_CASE("several keys keep their order") {
  const auto keys = parse_key_file(
      "hmac-md5:one:YQ==\nkey two { algorithm hmac-sha384; secret \"YWI=\"; "
      "};\nhmac-sha512:three:YWJj");
  REQUIRE(keys);
  REQUIRE(keys->size() == 3);
  CHECK((*keys)[0]->algorithm == TsigAlgorithm::hmac_md5);
  CHECK((*keys)[1]->name == name_of("two"));
  CHECK(hex_of((*keys)[1]) == "6162");
  CHECK((*keys)[2]->algorithm == TsigAlgorithm::hmac_sha512);
}

struct ErrorRow {
  std::string text;
  std::string cause;
};

constexpr const char* kSecretText = "c2VjcmV0c2VjcmV0";

TEST_CASE("an error names the line and the cause, and never the secret") {
  const std::string secret = kSecretText;
  const ErrorRow row = GENERATE_COPY(
      ErrorRow{"", "the key file is empty"}, ErrorRow{" \n\t\r\n", "the key file is empty"},
      ErrorRow{"# only\n/* comments */\n", "comments but no key"},
      ErrorRow{"key k {\n algorithm hmac-sha256;\n};", "line 1: the key k has no secret"},
      ErrorRow{"\nkey k { secret \"" + secret + "\"; };", "line 2: the key k names no algorithm"},
      ErrorRow{"key k {\n algorithm hmac-sha3;\n secret \"" + secret + "\"; };",
               "line 2: the algorithm hmac-sha3 is not known; known are hmac-md5, hmac-sha1, "
               "hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512"},
      ErrorRow{"key k { algorithm \"" + secret + "\"; };", "line 1: the algorithm is not known"},
      ErrorRow{"key k {\n algorithm hmac-sha256;\n secret \"" + secret + "*\"; };",
               "line 3: the secret is not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"" + secret + "=\"; };", "not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"YWJjZA=\"; };", "not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"YWJjZB==\"; };", "not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"YW=JjZA\"; };", "not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"YWJjZ\"; };", "not Base64"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"\"; };", "the secret is empty"},
      ErrorRow{"key k { algorithm hmac-sha256; secret ; };", "the secret is missing"},
      ErrorRow{"key k { algorithm hmac-sha256; secret " + secret + " x; };",
               "; is missing after the secret"},
      ErrorRow{"key k { algorithm hmac-sha256\n secret \"" + secret + "\"; };",
               "line 2: ; is missing after the algorithm"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"" + secret + "\"; }",
               "; is missing after the }"},
      ErrorRow{"key k { algorithm hmac-sha256; secret \"" + secret + "\";", "file ends inside"},
      ErrorRow{"key k { " + secret + " x; };", "something else than algorithm and secret"},
      ErrorRow{"key k { secret \"" + secret + "\"; secret \"" + secret + "\"; };", "two secrets"},
      ErrorRow{"key k { algorithm hmac-md5; algorithm hmac-md5; };", "its algorithm twice"},
      ErrorRow{"key { algorithm hmac-md5; };", "the key's name is missing"},
      ErrorRow{"key k algorithm hmac-md5;", "{ is missing after the name of the key k"},
      ErrorRow{"key \"k..x\" { };", "not a domain name"},
      ErrorRow{"key . { };", "not a domain name"},
      ErrorRow{"key \"k { };\n\"", "line 1: the closing quote is missing"},
      ErrorRow{"\n/* key k", "line 2: the comment has no end"},
      ErrorRow{"/* two\nlines */\n# one\nx", "line 4: a key statement"},
      ErrorRow{"options { };", "line 1: a key statement"},
      ErrorRow{secret, "line 1: a key statement"}, ErrorRow{"k:" + secret, "ALGORITHM:NAME:SECRET"},
      ErrorRow{"hmac-sha256:k:x:" + secret, "ALGORITHM:NAME:SECRET"},
      ErrorRow{secret + ":hmac-sha256:k", "the algorithm is not known"},
      ErrorRow{"hmac-sha256:k:", "the secret is empty"},
      ErrorRow{"hmac-sha256::" + secret, "not a domain name"},
      ErrorRow{"hmac-sha256:k:YQ==\nhmac-sha256:K.:YQ==", "line 2: the key K stands here twice"},
      ErrorRow{"Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: " + secret,
               "this is a K*.private file"});
  INFO(row.text);
  const auto keys = parse_key_file(row.text);
  REQUIRE_FALSE(keys);
  CHECK_THAT(keys.error(), ContainsSubstring(row.cause));
  CHECK(keys.error().find(secret) == std::string::npos);
}

TEST_CASE("a key is chosen by name, or because it is the only one") {
  const auto one = parse_key_file("hmac-sha256:one.x:YQ==").value();
  const auto two = parse_key_file("hmac-sha256:one.x:YQ==\nhmac-sha256:two.x:YQ==").value();
  CHECK(select_key(one, "").value() == one[0]);
  CHECK(select_key(two, "TWO.x.").value() == two[1]);
  CHECK_THAT(select_key(two, "").error(), ContainsSubstring("several keys (one.x, two.x)"));
  CHECK_THAT(select_key(two, "three").error(),
             ContainsSubstring("no key three; found: one.x, two.x"));
  CHECK_THAT(select_key({}, "three").error(), ContainsSubstring("found: none"));
  CHECK_THAT(select_key({}, "").error(), ContainsSubstring("no key to choose from"));
  CHECK_THAT(select_key(one, "a..b").error(), ContainsSubstring("empty label"));
}

}  // namespace
}  // namespace ronda::dnsupdate
