// A listening socket on a free loopback port, and helpers for the blocking peers the tests run in
// threads.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/address.hpp"
#include "net/client_socket.hpp"
#include "net/descriptor.hpp"

namespace ronda::test {

inline net::Endpoint loopback(std::uint16_t port = 0) {
  return {net::IpAddress::from_v4({127, 0, 0, 1}), port};
}

class Listener {
 public:
  explicit Listener(int type = SOCK_STREAM) {
    descriptor_.reset(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const net::SocketAddress address = net::to_socket_address(loopback());
    if (::bind(descriptor_.get(), address.get(), address.length) != 0 ||
        (type == SOCK_STREAM && ::listen(descriptor_.get(), 16) != 0)) {
      throw std::runtime_error("cannot listen on loopback");
    }
    endpoint_ = net::local_endpoint(descriptor_.get());
  }
  net::Endpoint endpoint() const { return endpoint_; }
  int get() const { return descriptor_.get(); }
  void close() { descriptor_.reset(); }
  // Waits at most five seconds for a connection.
  net::Descriptor accept() const {
    pollfd wait{descriptor_.get(), POLLIN, 0};
    if (::poll(&wait, 1, 5000) != 1) {
      throw std::runtime_error("nobody connected");
    }
    return net::Descriptor(::accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  net::Descriptor descriptor_{};
  net::Endpoint endpoint_{};
};

// Blocks until the peer sends, closes, or five seconds have passed; empty in the last two cases.
inline std::string receive(int descriptor) {
  pollfd wait{descriptor, POLLIN, 0};
  if (::poll(&wait, 1, 5000) != 1) {
    return {};
  }
  char buffer[4096];
  const ssize_t length = ::recv(descriptor, buffer, sizeof(buffer), 0);
  return length > 0 ? std::string(buffer, static_cast<std::size_t>(length)) : std::string();
}

inline void transmit(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t length = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (length <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(length));
  }
}

inline std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> to_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace ronda::test
