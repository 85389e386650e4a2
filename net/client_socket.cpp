#include "net/client_socket.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ronda::net {

namespace {

void set_option(int descriptor, int level, int name) {
  const int on = 1;
  ::setsockopt(descriptor, level, name, &on, sizeof(on));
}

}  // namespace

std::expected<ClientSocket, Fault> start_connecting(Transport transport, const Endpoint& peer,
                                                    const std::optional<IpAddress>& source) {
  if (source && source->family() != peer.ip.family()) {
    return std::unexpected(Fault{Phase::open, EAFNOSUPPORT, Origin::ours,
                                 "source " + source->to_string() + " cannot reach " +
                                     peer.ip.to_string() + ", which is of the other family"});
  }
  const bool stream = transport == Transport::stream;
  const bool v4 = peer.ip.is_v4();
  const int echo = v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  const int protocol = transport == Transport::echo ? echo : 0;
  ClientSocket result;
  result.descriptor.reset(
      ::socket(v4 ? AF_INET : AF_INET6,
               (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  const int descriptor = result.descriptor.get();
  if (descriptor < 0) {
    return std::unexpected(classify(Phase::open, errno));
  }
  if (stream) {
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY);
  }
  if (source) {
    if (stream) {
      // The port is then chosen at connect(), where it need only differ per peer.
      set_option(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    }
    const SocketAddress from = to_socket_address(Endpoint{*source, 0});
    if (::bind(descriptor, from.get(), from.length) != 0) {
      Fault fault = classify(Phase::open, errno);
      fault.origin = Origin::ours;
      fault.text = "cannot use source " + source->to_string() + ": " + fault.text;
      return std::unexpected(fault);
    }
  }
  const SocketAddress to = to_socket_address(peer);
  if (::connect(descriptor, to.get(), to.length) == 0) {
    result.connected = true;
  } else if (errno != EINPROGRESS && errno != EINTR) {
    return std::unexpected(classify(Phase::connect, errno));
  }
  return result;
}

bool knows_way(const Endpoint& peer, const std::optional<IpAddress>& source) {
  return start_connecting(Transport::datagram, peer, source).has_value();
}

Endpoint local_endpoint(int descriptor) {
  SocketAddress address;
  socklen_t length = address.storage.size();
  auto* storage = reinterpret_cast<::sockaddr*>(address.storage.data());
  if (::getsockname(descriptor, storage, &length) != 0) {
    return {};
  }
  return from_socket_address(storage, length).value_or(Endpoint{});
}

int take_socket_error(int descriptor) {
  int error = 0;
  socklen_t length = sizeof(error);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

// A port of our own ephemeral range without a listener may be met by our own SYN.
int take_connect_error(int descriptor, const Endpoint& peer) {
  const int error = take_socket_error(descriptor);
  return error == 0 && local_endpoint(descriptor) == peer ? ECONNREFUSED : error;
}

}  // namespace ronda::net
