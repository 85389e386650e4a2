// A server on loopback, TCP and UDP on one port, that sends exactly the octets a script says, in
// the pieces it says. It runs on the test's own loop; what it is asked, the script sees.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "dnsupdate/wire/frame_reader.hpp"
#include "dnsupdate/wire/message.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::test {

struct Performance {
  std::vector<dnsupdate::Bytes> messages{};  // sent in this order, framed over TCP
  bool one_octet_a_write = false;            // TCP
  bool half_then_reset = false;              // TCP: half of the first message, then RST
  bool from_another_port = false;            // UDP
  bool port_unreachable = false;  // UDP: an ICMP message before all else; may_forge_icmp() only
};

// ICMP by hand needs CAP_NET_RAW.
bool may_forge_icmp();

class ScriptedServer {
 public:
  using Script = std::function<Performance(const dnsupdate::Bytes& question)>;
  using Perform = std::function<void(const Performance&)>;  // valid while the server lives
  using SlowScript = std::function<void(const dnsupdate::Bytes& question, Perform perform)>;

  ScriptedServer(net::Loop& loop, Script script);
  // What is said may come later: a relay asks somebody else first.
  ScriptedServer(net::Loop& loop, SlowScript script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  struct Connection {
    int descriptor = -1;
    dnsupdate::FrameReader frames{};
    std::unique_ptr<net::Watch> watch{};
  };

  void accept_one();
  void receive(Connection& connection);
  void perform(Connection& connection, const Performance& performance);
  void receive_datagram();
  void send_datagrams(const Performance& performance, const net::Endpoint& peer);
  void close(Connection& connection);

  net::Loop& loop_;
  SlowScript script_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int datagram_ = -1;
  std::list<Connection> connections_{};
  std::unique_ptr<net::Watch> listener_watch_{};
  std::unique_ptr<net::Watch> datagram_watch_{};
};

}  // namespace ronda::test
