#include <set>

#include "net/random.hpp"
#include "net/secret.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_random.hpp"

using namespace ronda::net;
using ronda::test::FakeRandom;

TEST_CASE("a secret moves and leaves nothing behind") {
  Secret one(std::vector{std::byte{1}, std::byte{2}});
  const std::byte* data = one.bytes().data();
  Secret two = std::move(one);
  CHECK(two.bytes().data() == data);
  CHECK(two.bytes().size() == 2);
  CHECK(one.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  Secret three(std::vector{std::byte{9}});
  three = std::move(two);
  CHECK(three.bytes().size() == 2);
  CHECK(two.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("scripted chance comes out as pushed") {
  FakeRandom random;
  random.push_u16(0xBEEF);
  random.push_unit(0.25);
  random.push_unit(0.0);
  CHECK(random.u16() == 0xBEEF);
  CHECK(random.unit() == 0.25);
  CHECK(random.unit() == 0.0);
  CHECK(random.unused() == 0);
  FakeRandom same(7);
  FakeRandom twin(7);
  FakeRandom other(8);
  const std::uint16_t first = same.u16();
  CHECK(first == twin.u16());
  CHECK(first != other.u16());
}

TEST_CASE("unit() stays below one at its greatest") {
  FakeRandom random;
  for (int i = 0; i < 8; ++i) {
    random.push_byte(std::byte{0xFF});
  }
  const double greatest = random.unit();
  CHECK(greatest < 1.0);
  CHECK(greatest > 0.999);
}

TEST_CASE("the system's chance varies") {
  SystemRandom random;
  std::set<std::uint16_t> seen;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(random.u16());
    sum += random.unit();
  }
  CHECK(seen.size() > 900);
  CHECK(sum > 400);
  CHECK(sum < 600);
}
