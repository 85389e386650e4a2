// One connected UDP socket with a random source port: only its peer's datagrams arrive, and an ICMP
// refusal is reported as a Fault.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "net/address.hpp"
#include "net/client_socket.hpp"
#include "net/fault.hpp"
#include "net/loop.hpp"

namespace ronda::net {

class Datagram {
 public:
  using Event = std::variant<std::span<const std::byte>, Fault>;  // bytes valid during the callback
  using OnEvent = std::function<void(const Event&)>;              // may drop the socket from inside

  static std::expected<std::unique_ptr<Datagram>, Fault> connect(
      Loop& loop, const Endpoint& peer, std::optional<IpAddress> source, OnEvent on_event,
      Transport transport = Transport::datagram);
  ~Datagram();
  Datagram(const Datagram&) = delete;
  Datagram& operator=(const Datagram&) = delete;

  std::optional<Fault> send(std::span<const std::byte> bytes);

 private:
  Datagram() = default;
  void ready();
  int descriptor_ = -1;
  OnEvent on_event_{};
  std::unique_ptr<Watch> watch_{};
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // a callback may drop the socket
};

}  // namespace ronda::net
