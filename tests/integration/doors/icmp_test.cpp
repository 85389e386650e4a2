// icmp checks in a network of their own, where the system's switch for ping sockets is ours to
// turn. Wants root.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "probes/kinds.hpp"
#include "tests/integration/doors/place.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::brief;
using test::endpoint;
using test::Prober;

void set(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/net/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::write(file, value.data(), value.size()) > 0;
  ::close(file);
  if (!done) {
    throw std::runtime_error(path + " cannot be written");
  }
}
const std::string kRange = "ipv4/ping_group_range";
const std::string kEverybody = "0 2147483647";

// Runs `story` in a thread that has a network of its own, with nothing in it but the loopback
// interface; it goes with the thread. What it throws is thrown here.
void in_own_network(const std::function<void()>& story) {
  if (::geteuid() != 0) {
    WARN("a network namespace needs root: run this test as root to see it");
    return;
  }
  std::exception_ptr problem;
  std::thread([&] {
    try {
      if (::unshare(CLONE_NEWNET) != 0) {
        throw std::runtime_error("no network namespace is to be had here");
      }
      ifreq request{};
      std::string("lo").copy(request.ifr_name, sizeof request.ifr_name - 1);
      request.ifr_flags = IFF_UP | IFF_RUNNING;
      const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      const int up = ::ioctl(socket, SIOCSIFFLAGS, &request);
      ::close(socket);
      if (up != 0) {
        throw std::runtime_error("the loopback interface stays down");
      }
      story();
    } catch (...) {
      problem = std::current_exception();
    }
  }).join();
  if (problem) {
    std::rethrow_exception(problem);
  }
}

CheckSpec icmp_check(net::Duration timeout = 3s) {
  CheckSpec check = test::make_check("icmp", find_kind("icmp")->initial);
  check.timeout = timeout;
  return check;
}

std::uint16_t internet_checksum(const std::string& message) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto octet = static_cast<unsigned char>(message[i]);
    sum += i % 2 == 0 ? static_cast<std::uint32_t>(octet << 8) : octet;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~(sum + (sum >> 16)));
}

// Answers each echo request with what `answers` makes of it, in the kernel's place.
class Answerer {
 public:
  using Answers = std::function<std::vector<std::string>(std::string reply)>;
  explicit Answerer(Answers answers) : answers_(std::move(answers)) {
    if (!socket_) {
      throw std::runtime_error("no raw socket: run this test as root");
    }
    thread_ = std::thread([this] { serve(); });
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;
  ~Answerer() {
    ending_ = true;
    thread_.join();
  }

 private:
  void serve() {
    constexpr std::size_t kIpHeader = 20;
    while (!ending_) {
      pollfd wait{socket_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 10) != 1) {
        continue;
      }
      std::array<char, 1500> buffer{};
      const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      std::string message(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      if (message.size() < kIpHeader + 8 || message[kIpHeader] != 8) {
        continue;
      }
      message.erase(0, kIpHeader);
      message[0] = 0;
      for (std::string answer : answers_(message)) {
        answer[2] = answer[3] = 0;
        const std::uint16_t sum = internet_checksum(answer);
        answer[2] = static_cast<char>(sum >> 8);
        answer[3] = static_cast<char>(sum);
        const net::SocketAddress to = net::to_socket_address(endpoint("127.0.0.1", 0));
        ::sendto(socket_.get(), answer.data(), answer.size(), 0, to.get(), to.length);
      }
    }
  }

  Answers answers_;
  net::Descriptor socket_{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)};
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("icmp: an echo of IPv4 and of IPv6, from whatever address is asked for") {
  in_own_network([] {
    set(kRange, kEverybody);
    Prober prober;
    const ProbeResult result = prober.probe(icmp_check(), endpoint("127.0.0.1", 0));
    CHECK(brief(result) == "pass L4OK: echo reply");
    CHECK(result.phases.total < 1500ms);  // before it is asked again
    CHECK(brief(prober.probe(icmp_check(), endpoint("::1", 0))) == "pass L4OK: echo reply");
    // A port, of a replica that has one for its other checks, means nothing.
    CHECK(brief(prober.probe(icmp_check(), endpoint("127.0.0.9", 80))) == "pass L4OK: echo reply");
    CheckSpec from = icmp_check();
    from.source = net::IpAddress::parse("127.0.0.8");
    CHECK(brief(prober.probe(from, endpoint("127.0.0.1", 0))) == "pass L4OK: echo reply");
    from.source = net::IpAddress::parse("192.0.2.8");
    CHECK_THAT(brief(prober.probe(from, endpoint("127.0.0.1", 0))),
               StartsWith("unknown SOCKERR: cannot use source 192.0.2.8"));
  });
}

TEST_CASE("icmp: where the system allows no ping socket we could not ask, and are told the cure") {
  in_own_network([] {
    set(kRange, "1 0");
    Prober prober;
    for (const auto* address : {"127.0.0.1", "::1"}) {
      CHECK(brief(prober.probe(icmp_check(), endpoint(address, 0))) ==
            "unknown SOCKERR: this system allows us no ping socket; run: sysctl -w "
            "net.ipv4.ping_group_range=\"0 2147483647\"");
    }
  });
}

TEST_CASE("icmp: silence, a lost request, no way from here") {
  in_own_network([] {
    set(kRange, kEverybody);
    Prober prober;
    CHECK(brief(prober.probe(icmp_check(), endpoint("192.0.2.1", 0))) ==
          "unknown SOCKERR: no route to that network from here");
    set("ipv4/icmp_echo_ignore_all", "1");
    set("ipv6/icmp/echo_ignore_all", "1");
    for (const auto* address : {"127.0.0.1", "::1"}) {
      const ProbeResult silent = prober.probe(icmp_check(300ms), endpoint(address, 0));
      CHECK(brief(silent) == "fail L4TOUT: no echo reply within 300ms (asked 2 times)");
      CHECK(silent.phases.total >= 300ms);
      CHECK(prober.took < 350ms);
    }
    const net::Handle later =
        prober.loop.at(prober.loop.now() + 100ms, [] { set("ipv4/icmp_echo_ignore_all", "0"); });
    const ProbeResult second = prober.probe(icmp_check(1200ms), endpoint("127.0.0.1", 0));
    CHECK(brief(second) == "pass L4OK: echo reply");
    CHECK(second.phases.total >= 600ms);
  });
}

TEST_CASE("icmp: only the reply to our own request counts") {
  in_own_network([] {
    set(kRange, kEverybody);
    set("ipv4/icmp_echo_ignore_all", "1");
    Prober prober;
    const auto said_within = [&](net::Duration timeout, const Answerer::Answers& answers) {
      const Answerer answerer(answers);
      return brief(prober.probe(icmp_check(timeout), endpoint("127.0.0.1", 0)));
    };
    const auto said = [&](const auto& answers) { return said_within(300ms, answers); };
    const auto heard = [&](const auto& answers) { return said_within(3s, answers); };
    const auto changed = [](std::string reply, std::size_t place) {
      reply[place] = static_cast<char>(reply[place] ^ 1);
      return reply;
    };
    const std::string silent = "fail L4TOUT: no echo reply within 300ms (asked 2 times)";
    CHECK(heard([](const std::string& reply) { return std::vector{reply}; }) ==
          "pass L4OK: echo reply");
    CHECK(said([&](const std::string& reply) { return std::vector{changed(reply, 8)}; }) == silent);
    CHECK(said([&](const std::string& reply) { return std::vector{changed(reply, 6)}; }) == silent);
    CHECK(said([](const std::string& reply) {
            return std::vector{reply.substr(0, 8), reply.substr(0, reply.size() - 1), reply + "x"};
          }) == silent);
    CHECK(heard([&](const std::string& reply) {
            return std::vector{changed(reply, 8), changed(reply, 6), reply};
          }) == "pass L4OK: echo reply");
  });
}

}  // namespace ronda::probes
