#include "net/echo.hpp"

#include <array>
#include <cerrno>
#include <vector>

namespace ronda::net {

namespace {

constexpr std::size_t kHeader = 8;
struct Types {
  std::byte request;
  std::byte reply;
};
constexpr Types kV4{std::byte{8}, std::byte{0}};
constexpr Types kV6{std::byte{128}, std::byte{129}};

}  // namespace

std::expected<std::unique_ptr<Echo>, Fault> Echo::open(Loop& loop, const IpAddress& peer,
                                                       std::optional<IpAddress> source,
                                                       OnEvent on_event) {
  std::unique_ptr<Echo> echo(new Echo(peer.is_v4(), std::move(on_event)));
  auto socket = Datagram::connect(
      loop, Endpoint{peer, 0}, source,
      [raw = echo.get()](const Datagram::Event& event) { raw->on_datagram(event); },
      Transport::echo);
  if (!socket) {
    Fault fault = std::move(socket.error());
    if (fault.phase == Phase::open && (fault.error == EACCES || fault.error == EPERM)) {
      fault.text =
          "this system allows us no ping socket; run: sysctl -w net.ipv4.ping_group_range=\"0 "
          "2147483647\"";
    }
    return std::unexpected(std::move(fault));
  }
  echo->socket_ = std::move(*socket);
  return echo;
}

std::optional<Fault> Echo::send(std::uint16_t sequence, std::span<const std::byte> payload) {
  std::vector<std::byte> message(kHeader);
  message[0] = v4_ ? kV4.request : kV6.request;
  message[6] = static_cast<std::byte>(sequence >> 8U);
  message[7] = static_cast<std::byte>(sequence & 0xffU);
  message.insert(message.end(), payload.begin(), payload.end());
  return socket_->send(message);
}

void Echo::on_datagram(const Datagram::Event& event) {
  // The callback may drop this object.
  const OnEvent on_event = on_event_;
  if (const auto* fault = std::get_if<Fault>(&event)) {
    on_event(*fault);
    return;
  }
  const auto bytes = std::get<std::span<const std::byte>>(event);
  if (bytes.size() < kHeader || bytes[0] != (v4_ ? kV4.reply : kV6.reply)) {
    return;
  }
  const auto sequence = static_cast<std::uint16_t>((std::to_integer<unsigned>(bytes[6]) << 8U) |
                                                   std::to_integer<unsigned>(bytes[7]));
  on_event(EchoReply{.sequence = sequence, .payload = bytes.subspan(kHeader)});
}

}  // namespace ronda::net
