// A way to a primary that knows only UDP, and somebody on it who answers first, or who loses
// answers. It runs in a thread of its own, because the program under test is another process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "dnsupdate/wire/message.hpp"

namespace ronda::test {

struct Meddling {
  // What is sent before the true answer, from the message asked.
  std::function<std::vector<dnsupdate::Bytes>(const dnsupdate::Bytes& asked)> before{};
  int lost_replies = 0;  // so many of the first answers to UPDATEs never arrive
};

class UdpRelay {
 public:
  // Port 0 on loopback towards `primary_port` there.
  UdpRelay(std::uint16_t primary_port, Meddling meddling);
  ~UdpRelay();
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  std::string port() const { return std::to_string(port_); }
  int updates() const { return updates_; }  // that came in, copies included

 private:
  void serve();

  Meddling meddling_;
  std::uint16_t primary_port_;
  std::uint16_t port_ = 0;
  int socket_ = -1;
  std::atomic<int> updates_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_{};
};

}  // namespace ronda::test
