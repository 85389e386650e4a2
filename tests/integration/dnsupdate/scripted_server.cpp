#include "tests/integration/dnsupdate/scripted_server.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ronda::test {
namespace {

using dnsupdate::Bytes;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int bind_socket(int type, std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_in address = loopback(port);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    return -1;
  }
  return descriptor;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

// RFC 792: the start of the datagram that found nobody, so that its sender's socket is found.
struct PortUnreachable {
  icmphdr icmp{};
  iphdr ip{};
  udphdr udp{};
};
static_assert(sizeof(PortUnreachable) == 36);

std::uint16_t internet_checksum(const PortUnreachable& message) {
  std::array<std::uint16_t, sizeof message / 2> words{};
  std::memcpy(words.data(), &message, sizeof message);
  std::uint32_t sum = 0;
  for (const std::uint16_t word : words) {
    sum += word;
  }
  sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~(sum + (sum >> 16U)));
}

// As if nobody listened on `server_port` for the datagram that came from `sender_port`.
void send_port_unreachable(std::uint16_t server_port, std::uint16_t sender_port) {
  PortUnreachable message{};
  message.icmp.type = ICMP_DEST_UNREACH;
  message.icmp.code = ICMP_PORT_UNREACH;
  message.ip.version = 4;
  message.ip.ihl = 5;
  message.ip.tot_len = htons(sizeof(iphdr) + sizeof(udphdr));
  message.ip.ttl = 64;
  message.ip.protocol = IPPROTO_UDP;
  message.ip.saddr = htonl(INADDR_LOOPBACK);
  message.ip.daddr = htonl(INADDR_LOOPBACK);
  message.udp.source = htons(sender_port);
  message.udp.dest = htons(server_port);
  message.udp.len = htons(sizeof(udphdr));
  message.icmp.checksum = internet_checksum(message);
  const int descriptor = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  const sockaddr_in to = loopback(0);
  const ssize_t sent = ::sendto(descriptor, &message, sizeof message, 0,
                                reinterpret_cast<const sockaddr*>(&to), sizeof to);
  ::close(descriptor);
  if (sent != sizeof message) {
    throw std::runtime_error("no ICMP message can be sent");
  }
}

}  // namespace

bool may_forge_icmp() {
  const int descriptor = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (descriptor < 0) {
    return false;
  }
  ::close(descriptor);
  return true;
}

ScriptedServer::ScriptedServer(net::Loop& loop, Script script)
    : ScriptedServer(
          loop, SlowScript([script = std::move(script)](const Bytes& question, Perform perform) {
            perform(script(question));
          })) {}

ScriptedServer::ScriptedServer(net::Loop& loop, SlowScript script)
    : loop_(loop), script_(std::move(script)) {
  for (int attempt = 0; attempt < 20 && datagram_ < 0; ++attempt) {
    if (listener_ >= 0) {
      ::close(listener_);
    }
    listener_ = bind_socket(SOCK_STREAM, 0);
    port_ = port_of(listener_);
    datagram_ = bind_socket(SOCK_DGRAM, port_);
  }
  if (datagram_ < 0 || ::listen(listener_, 16) != 0) {
    throw std::runtime_error("no port free for both TCP and UDP");
  }
  listener_watch_ = loop_.watch(listener_, [this](net::Interest) { accept_one(); });
  listener_watch_->want(net::Interest::read);
  datagram_watch_ = loop_.watch(datagram_, [this](net::Interest) { receive_datagram(); });
  datagram_watch_->want(net::Interest::read);
}

ScriptedServer::~ScriptedServer() {
  listener_watch_.reset();
  datagram_watch_.reset();
  for (Connection& connection : connections_) {
    close(connection);
  }
  ::close(listener_);
  ::close(datagram_);
}

void ScriptedServer::accept_one() {
  const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) {
    return;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Connection& connection = connections_.emplace_back();
  connection.descriptor = descriptor;
  connection.watch =
      loop_.watch(descriptor, [this, &connection](net::Interest) { receive(connection); });
  connection.watch->want(net::Interest::read);
}

void ScriptedServer::close(Connection& connection) {
  connection.watch.reset();
  if (connection.descriptor >= 0) {
    ::close(std::exchange(connection.descriptor, -1));
  }
}

void ScriptedServer::receive(Connection& connection) {
  std::array<std::byte, 65536> buffer{};
  const ssize_t length = ::recv(connection.descriptor, buffer.data(), buffer.size(), 0);
  if (length <= 0) {
    close(connection);
    return;
  }
  connection.frames.append(std::span(buffer).first(static_cast<std::size_t>(length)));
  while (connection.descriptor >= 0) {
    const auto question = connection.frames.next();
    if (!question) {
      return;
    }
    script_(*question, [this, &connection](const Performance& performance) {
      perform(connection, performance);
    });
  }
}

void ScriptedServer::perform(Connection& connection, const Performance& performance) {
  for (const Bytes& message : performance.messages) {
    if (connection.descriptor < 0) {
      return;
    }
    const Bytes framed = dnsupdate::frame(message);
    if (performance.half_then_reset) {
      ::send(connection.descriptor, framed.data(), framed.size() / 2, MSG_NOSIGNAL);
      const linger now{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      close(connection);
      return;
    }
    const std::size_t piece = performance.one_octet_a_write ? 1 : framed.size();
    for (std::size_t at = 0; at < framed.size(); at += piece) {
      ::send(connection.descriptor, framed.data() + at, piece, MSG_NOSIGNAL);
    }
  }
}

void ScriptedServer::receive_datagram() {
  Bytes buffer(65536);
  sockaddr_in peer{};
  socklen_t peer_length = sizeof peer;
  const ssize_t length = ::recvfrom(datagram_, buffer.data(), buffer.size(), 0,
                                    reinterpret_cast<sockaddr*>(&peer), &peer_length);
  if (length < 0) {
    return;
  }
  buffer.resize(static_cast<std::size_t>(length));
  const auto from = net::from_socket_address(reinterpret_cast<const sockaddr*>(&peer), peer_length);
  if (from) {
    script_(buffer, [this, to = *from](const Performance& performance) {
      send_datagrams(performance, to);
    });
  }
}

void ScriptedServer::send_datagrams(const Performance& performance, const net::Endpoint& peer) {
  if (performance.port_unreachable) {
    send_port_unreachable(port_, peer.port);
  }
  const net::SocketAddress to = net::to_socket_address(peer);
  const int other = performance.from_another_port ? bind_socket(SOCK_DGRAM, 0) : -1;
  for (const Bytes& message : performance.messages) {
    ::sendto(other >= 0 ? other : datagram_, message.data(), message.size(), 0, to.get(),
             to.length);
  }
  if (other >= 0) {
    ::close(other);
  }
}

}  // namespace ronda::test
