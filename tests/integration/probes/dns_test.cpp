// dns checks before servers that mean them ill: over UDP everything that is no reply to the
// question is passed over, over a stream it is a failure, and the verdict is there in time.
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "dnsupdate/wire/message.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/probes/bystander.hpp"
#include "tests/integration/probes/prober.hpp"
#include "tests/integration/probes/scripted_server.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using dnsupdate::Message;
using test::brief;
using test::Peer;
using test::Prober;
using test::ScriptedServer;

constexpr net::Duration kTimeout = 300ms;  // of one that must run out
constexpr net::Duration kAmple = 2s;       // of one that must not

CheckSpec dns_check(DnsTransport transport, net::Duration timeout = kTimeout) {
  CheckSpec check =
      test::make_check("dns", DnsCheck{.name = "example.com", .transport = transport});
  check.timeout = timeout;
  return check;
}

std::string octets_of(const Message& message) {
  const auto octets = dnsupdate::write_message(message).value();
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Message parse(std::string_view octets) {
  return dnsupdate::read_message(std::as_bytes(std::span(octets))).value();
}

Message reply_to(const Message& question) {
  Message reply = question;
  reply.header.qr = true;
  return reply;
}

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8U), static_cast<char>(message.size())} +
         message;
}

// A UDP server in a thread: `answers` gives what is sent back for each question, with its number
// from 1.
class UdpServer {
 public:
  using Answers = std::function<std::vector<std::string>(const Message& question, int number)>;
  // Each answer is sent so many times.
  explicit UdpServer(Answers answers, int times = 1)
      : answers_(std::move(answers)), times_(times), thread_([this] { serve(); }) {}
  UdpServer(const UdpServer&) = delete;
  UdpServer& operator=(const UdpServer&) = delete;
  ~UdpServer() {
    ending_ = true;
    thread_.join();
  }
  net::Endpoint endpoint() const { return socket_.endpoint(); }
  int questions() const { return questions_; }

 private:
  void serve() {
    while (!ending_) {
      pollfd wait{socket_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 10) != 1) {
        continue;
      }
      std::array<char, 1024> buffer{};
      net::SocketAddress from;
      socklen_t length = from.storage.size();
      auto* address = reinterpret_cast<sockaddr*>(from.storage.data());
      const ssize_t size =
          ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, address, &length);
      const Message question = parse({buffer.data(), static_cast<std::size_t>(size)});
      for (const std::string& answer : answers_(question, ++questions_)) {
        for (int sent = 0; sent < times_ && !ending_; ++sent) {
          ::sendto(socket_.get(), answer.data(), answer.size(), 0, address, length);
        }
      }
    }
  }

  Answers answers_;
  int times_;
  test::Listener socket_{SOCK_DGRAM};
  std::atomic<int> questions_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

struct Heard {
  std::string text;
  net::Duration total{};
  int questions = 0;
};

Heard ask(const UdpServer::Answers& answers, net::Duration timeout = kTimeout) {
  Prober prober;
  UdpServer server(answers);
  const ProbeResult result = prober.probe(dns_check(DnsTransport::udp, timeout), server.endpoint());
  CHECK(prober.took < timeout + 50ms);
  return {.text = brief(result), .total = result.phases.total, .questions = server.questions()};
}

}  // namespace

TEST_CASE("dns over UDP: a lost datagram is asked for again, once") {
  const Heard heard = ask(
      [](const Message& question, int number) {
        return number == 1 ? std::vector<std::string>()
                           : std::vector{octets_of(reply_to(question))};
      },
      kAmple);
  CHECK(heard.text == "pass L7OK: NOERROR, 0 records");
  CHECK(heard.total >= kAmple / 2);
  CHECK(heard.questions == 2);
  const Heard silent = ask([](const Message&, int) { return std::vector<std::string>(); });
  CHECK(silent.text ==
        "fail L4TOUT: expected a reply to SOA example.com within 300ms, got nothing "
        "(asked 2 times)");
  CHECK(silent.questions == 2);
  // Both may be answered, too.
  const auto twice = [](const Message& question, int) {
    return std::vector(2, octets_of(reply_to(question)));
  };
  CHECK(ask(twice, kAmple).text == "pass L7OK: NOERROR, 0 records");
}

TEST_CASE("dns over UDP: what is no reply to the question is passed over, and named") {
  const auto wrong = [](const std::function<void(Message&)>& change) {
    return [change](const Message& question, int) {
      Message reply = reply_to(question);
      change(reply);
      return std::vector{octets_of(reply)};
    };
  };
  const auto none = [](const char* why) {
    return "fail L4TOUT: expected a reply to SOA example.com within 300ms, got 2 that were none "
           "(the last: " +
           std::string(why) + ")";
  };
  CHECK(ask(wrong([](Message& reply) { ++reply.header.id; })).text == none("another id"));
  CHECK(ask(wrong([](Message& reply) { reply.header.qr = false; })).text ==
        none("no reply to a query"));
  CHECK(ask(wrong([](Message& reply) {
          reply.question.front().name = dnsupdate::Name::parse("example.org").value();
        })).text == none("another question"));
  CHECK(ask([](const Message&, int) { return std::vector<std::string>{""}; }).text ==
        none("shorter than a DNS message"));
  CHECK(ask([](const Message& question, int) {
          return std::vector{octets_of(reply_to(question)).substr(0, 20)};
        }).text.starts_with(none("malformed: ").substr(0, 100)));

  // The reply counts wherever it stands among them.
  const auto last = [](const Message& question, int) {
    std::vector<std::string> all;
    Message other = reply_to(question);
    for (int i = 0; i < 20; ++i) {
      ++other.header.id;
      other.header.rcode = 2;
      all.push_back(octets_of(other));
      all.emplace_back(100, '\xff');
    }
    all.push_back(octets_of(reply_to(question)));
    return all;
  };
  const Heard late = ask(last, kAmple);
  CHECK(late.text == "pass L7OK: NOERROR, 0 records");
  CHECK(late.questions == 1);
}

TEST_CASE("dns over UDP: a flood delays neither the verdict nor anybody else") {
  Prober prober;
  UdpServer server(
      [](const Message& question, int) {
        Message other = reply_to(question);
        ++other.header.id;
        return std::vector{octets_of(other) + std::string(60'000, 'x')};
      },
      5000);
  const test::Bystander bystander(prober.loop);
  const ProbeResult result = prober.probe(dns_check(DnsTransport::udp), server.endpoint());
  CHECK_THAT(brief(result), StartsWith("fail L4TOUT: "));
  CHECK_THAT(result.detail, ContainsSubstring("(the last: another id)"));
  CHECK(prober.took < kTimeout + 50ms);
  std::cout << "dns over UDP, a flood: others delayed by at most "
            << net::format_duration(
                   std::chrono::round<std::chrono::milliseconds>(bystander.longest_delay()))
            << "\n";
  CHECK(bystander.longest_delay() <= test::kDelayedAtMost);
}

TEST_CASE("dns over TCP: silence, an early end, pieces, another's reply, garbage without end") {
  Prober prober;
  const auto said = [&](const ScriptedServer::Script& script, net::Duration timeout = kAmple) {
    ScriptedServer server(script);
    const auto result = prober.probe(dns_check(DnsTransport::tcp, timeout), server.endpoint());
    CHECK(prober.took < timeout + 50ms);
    return brief(result);
  };
  // "SOA example.com" is 29 octets, and two before them.
  const auto question_of = [](Peer& peer) { return parse(peer.some().substr(2)); };
  CHECK(said([](Peer& peer) { peer.rest(); }, kTimeout) ==
        "fail L7TOUT: expected a reply to SOA example.com within 300ms, got nothing");
  CHECK(
      said([&](Peer& peer) { question_of(peer); }) ==
      "fail L7RSP: expected a reply to SOA example.com, the connection was closed after 0 octets");
  CHECK_THAT(said([](Peer& peer) { peer.reset(); }), StartsWith("fail L"));
  CHECK(said([&](Peer& peer) {
          const std::string reply = framed(octets_of(reply_to(question_of(peer))));
          for (const char octet : reply) {
            peer.write(std::string_view(&octet, 1));
          }
          peer.write("and more that nobody asked for");
          peer.rest();
        }) == "pass L7OK: NOERROR, 0 records");
  CHECK(said([&](Peer& peer) {
          const std::string reply = framed(octets_of(reply_to(question_of(peer))));
          peer.write(reply.substr(0, 20));
          peer.rest();
        }) == "fail L7TOUT: expected a reply to SOA example.com within 2s, got 20 octets of one");
  CHECK(said([&](Peer& peer) {
          Message reply = reply_to(question_of(peer));
          ++reply.header.id;
          peer.write(framed(octets_of(reply)));
          peer.rest();
        }) == "fail L7RSP: expected a reply to SOA example.com, got something else: another id");
  CHECK(said([](Peer& peer) {
          peer.write(std::string(2, '\0'));
          peer.rest();
        }) ==
        "fail L7RSP: expected a reply to SOA example.com, got something else: shorter than a "
        "DNS message");
  CHECK(said([](Peer& peer) {
          for (int i = 0; i < 4096 && !peer.cut_short(); ++i) {
            peer.write(std::string(16'384, '\xff'));
          }
        }) == "fail L7RSP: expected a reply to SOA example.com, got something else: another id");
}

}  // namespace ronda::probes
