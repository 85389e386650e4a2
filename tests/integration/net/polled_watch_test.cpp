#include "net/polled_watch.hpp"

#include <array>
#include <cerrno>
#include <string>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;

namespace {

// What the kernel says to an entry for this descriptor.
struct Refusal {
  int descriptor = -1;
  int error = 0;
};
Refusal refusal;

struct Refusing {
  Refusing(int descriptor, int error) { refusal = {.descriptor = descriptor, .error = error}; }
  Refusing(const Refusing&) = delete;
  Refusing& operator=(const Refusing&) = delete;
  ~Refusing() { refusal = {}; }
};

struct Pair {
  Descriptor ours{};
  Descriptor theirs{};
};

Pair socket_pair() {
  std::array<int, 2> numbers{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, numbers.data()) ==
          0);
  return {Descriptor(numbers[0]), Descriptor(numbers[1])};
}

}  // namespace

// In front of the C library's, for libuv too: the real limit is one for the whole machine.
extern "C" int epoll_ctl(int poll, int operation, int descriptor, epoll_event* event) noexcept {
  if (operation == EPOLL_CTL_ADD && descriptor == refusal.descriptor) {
    errno = refusal.error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_epoll_ctl, poll, operation, descriptor, event));
}

TEST_CASE("a descriptor that epoll has no room for is watched all the same") {
  UvLoop loop;
  const Pair pair = socket_pair();
  const Refusing refusing(pair.ours.get(), GENERATE(ENOSPC, ENOMEM));
  std::string heard;
  int writable = 0;
  std::unique_ptr<Watch> watch = loop.watch(pair.ours.get(), [&](Interest ready) {
    if (has(ready, Interest::write)) {
      ++writable;
      watch->want(Interest::read);
      REQUIRE(::write(pair.theirs.get(), "ab", 2) == 2);
      return;
    }
    char octet = 0;
    REQUIRE(::read(pair.ours.get(), &octet, 1) == 1);
    heard += octet;
    if (heard == "ab") {
      watch.reset();  // from inside
      loop.stop();
    }
  });
  watch->want(Interest::both);
  REQUIRE(ronda::test::run(loop));
  CHECK(heard == "ab");
  CHECK(writable == 1);
}

TEST_CASE(
    "a polled watch reports a hang-up as what was asked for, and nothing when asked nothing") {
  UvLoop loop;
  Pair pair = socket_pair();
  int calls = 0;
  PolledWatch watch(loop, pair.ours.get(), [&](Interest ready) {
    ++calls;
    CHECK(has(ready, Interest::read));
    loop.stop();
  });
  watch.want(Interest::read);
  watch.want(Interest::none);
  pair.theirs.reset();
  const Handle quiet = loop.at(loop.now() + 30ms, [&] {
    CHECK(calls == 0);
    watch.want(Interest::read);
  });
  REQUIRE(ronda::test::run(loop));
  CHECK(calls == 1);
}
