#include "agent/cli/demo_replica.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <sys/socket.h>
#include <unistd.h>

namespace ronda::agent {
namespace {

constexpr std::string_view kReply =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: "
    "close\r\n\r\nok\n";
constexpr std::size_t kRequestLimit = 8192;
constexpr std::size_t kVisitors = 64;

}  // namespace

std::expected<std::unique_ptr<DemoReplica>, std::string> DemoReplica::listen(
    net::Loop& loop, net::Endpoint endpoint) {
  std::unique_ptr<DemoReplica> replica(new DemoReplica(loop));
  const int family = endpoint.ip.is_v4() ? AF_INET : AF_INET6;
  replica->descriptor_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(replica->descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const net::SocketAddress address = net::to_socket_address(endpoint);
  constexpr int kBacklog = 16;
  if (replica->descriptor_ < 0 ||
      ::bind(replica->descriptor_, address.get(), address.length) != 0 ||
      ::listen(replica->descriptor_, kBacklog) != 0) {
    return std::unexpected("cannot listen on " + endpoint.to_string() + ": " +
                           std::generic_category().message(errno));
  }
  net::SocketAddress bound;
  socklen_t length = sizeof(bound.storage);
  ::getsockname(replica->descriptor_, reinterpret_cast<sockaddr*>(bound.storage.data()), &length);
  replica->endpoint_ = net::from_socket_address(bound.get(), length).value_or(endpoint);
  DemoReplica* self = replica.get();
  replica->watch_ = loop.watch(replica->descriptor_, [self](net::Interest) { self->welcome(); });
  replica->watch_->want(net::Interest::read);
  return replica;
}

void DemoReplica::welcome() {
  const int visitor = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (visitor < 0) {
    return;
  }
  if (visitors_.size() >= kVisitors) {
    ::close(visitor);
    return;
  }
  Visitor& entry = visitors_[visitor];
  entry.watch = loop_.watch(visitor, [this, visitor](net::Interest) { serve(visitor); });
  entry.watch->want(net::Interest::read);
}

void DemoReplica::serve(int descriptor) {
  Visitor& visitor = visitors_.at(descriptor);
  std::array<char, 2048> buffer{};
  const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (size > 0) {
    visitor.received.append(buffer.data(), static_cast<std::size_t>(size));
    const bool whole = visitor.received.find("\r\n\r\n") != std::string::npos;
    if (!whole && visitor.received.size() < kRequestLimit) {
      return;
    }
    if (whole) {
      ::send(descriptor, kReply.data(), kReply.size(), MSG_NOSIGNAL);
    }
  }
  visitors_.erase(descriptor);
  ::close(descriptor);
}

DemoReplica::~DemoReplica() {
  while (!visitors_.empty()) {
    const int descriptor = visitors_.begin()->first;
    visitors_.erase(visitors_.begin());
    ::close(descriptor);
  }
  watch_.reset();
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace ronda::agent
