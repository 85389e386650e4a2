#include "net/digest.hpp"

#include "tests/support/catch.hpp"

namespace ronda::net {

// Values of Python's hashlib and hmac.
TEST_CASE("hashes and what is built of them") {
  CHECK(in_hex(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(in_hex(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(in_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(in_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")) ==
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  CHECK(in_hex(hmac_sha256("", "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(in_hex(pbkdf2_sha256("password", "salt", 4096)) ==
        "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
}

TEST_CASE("octets are the same only where all are") {
  CHECK(same_octets("", ""));
  CHECK(same_octets("abc", "abc"));
  CHECK_FALSE(same_octets("abc", "abd"));
  CHECK_FALSE(same_octets("abc", "ab"));
}

}  // namespace ronda::net
