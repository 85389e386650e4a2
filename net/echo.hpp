// Echo requests to one address and their replies (RFC 792, RFC 4443 4) over the system's ping
// socket, which wants no privilege but a group that net.ipv4.ping_group_range allows. The kernel
// keeps the identifier and the checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "net/address.hpp"
#include "net/datagram.hpp"
#include "net/fault.hpp"
#include "net/loop.hpp"

namespace ronda::net {

struct EchoReply {
  std::uint16_t sequence = 0;
  std::span<const std::byte> payload{};  // valid during the callback
};

class Echo {
 public:
  using Event = std::variant<EchoReply, Fault>;
  using OnEvent = std::function<void(const Event&)>;  // may drop the socket from inside

  // A system that allows no ping socket is a Fault of ours that names the cure.
  static std::expected<std::unique_ptr<Echo>, Fault> open(Loop& loop, const IpAddress& peer,
                                                          std::optional<IpAddress> source,
                                                          OnEvent on_event);
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  std::optional<Fault> send(std::uint16_t sequence, std::span<const std::byte> payload);

 private:
  Echo(bool v4, OnEvent on_event) : v4_(v4), on_event_(std::move(on_event)) {}
  void on_datagram(const Datagram::Event& event);

  bool v4_;
  OnEvent on_event_;
  std::unique_ptr<Datagram> socket_{};
};

}  // namespace ronda::net
