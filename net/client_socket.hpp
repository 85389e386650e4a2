// The first steps every client socket has in common: open (non-blocking, CLOEXEC), bind to a source
// address, start connecting. What failed comes back classified.
#pragma once

#include <expected>
#include <optional>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/fault.hpp"

namespace ronda::net {

enum class Transport : std::uint8_t { stream, datagram, echo };  // echo: ICMP or ICMPv6, no port

struct ClientSocket {
  Descriptor descriptor{};
  bool connected = false;  // false: under way, the descriptor becomes writable when it is settled
};

std::expected<ClientSocket, Fault> start_connecting(Transport transport, const Endpoint& peer,
                                                    const std::optional<IpAddress>& source);
// Whether our own kernel knows a way there; nothing is sent.
bool knows_way(const Endpoint& peer, const std::optional<IpAddress>& source);
Endpoint local_endpoint(int descriptor);
// The pending error of a socket, 0 when there is none. Asking clears it.
int take_socket_error(int descriptor);
// The same of one that has become writable while it connects to `peer`: how that went.
int take_connect_error(int descriptor, const Endpoint& peer);

}  // namespace ronda::net
