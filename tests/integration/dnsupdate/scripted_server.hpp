// A server on loopback, TCP and UDP on one port, that sends exactly the octets a script says, in
// the pieces it says. It runs on the test's own loop; what it is asked, the script sees.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "dnsupdate/io/frame_reader.hpp"
#include "dnsupdate/wire/message.hpp"
#include "net/loop.hpp"

namespace ronda::test {

struct Performance {
  std::vector<dnsupdate::Bytes> messages{};  // sent in this order, framed over TCP
  bool one_octet_a_write = false;            // TCP
  bool half_then_reset = false;              // TCP: half of the first message, then RST
};

class ScriptedServer {
 public:
  using Script = std::function<Performance(const dnsupdate::Bytes& question)>;

  ScriptedServer(net::Loop& loop, Script script);
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
  void close(Connection& connection);

  net::Loop& loop_;
  Script script_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int datagram_ = -1;
  std::list<Connection> connections_{};
  std::unique_ptr<net::Watch> listener_watch_{};
  std::unique_ptr<net::Watch> datagram_watch_{};
};

}  // namespace ronda::test
