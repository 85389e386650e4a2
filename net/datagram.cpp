#include "net/datagram.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace ronda::net {

namespace {

// Datagrams taken in one turn of the loop, so that a flood cannot hold it.
constexpr int kDatagramsPerTurn = 16;

}  // namespace

std::expected<std::unique_ptr<Datagram>, Fault> Datagram::connect(Loop& loop, const Endpoint& peer,
                                                                  std::optional<IpAddress> source,
                                                                  OnEvent on_event,
                                                                  Transport transport) {
  auto socket = start_connecting(transport, peer, source);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  std::unique_ptr<Datagram> datagram(new Datagram);
  datagram->descriptor_ = socket->descriptor.release();
  datagram->on_event_ = std::move(on_event);
  datagram->watch_ =
      loop.watch(datagram->descriptor_, [raw = datagram.get()](Interest) { raw->ready(); });
  datagram->watch_->want(Interest::read);
  return datagram;
}

Datagram::~Datagram() {
  watch_.reset();
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

std::optional<Fault> Datagram::send(std::span<const std::byte> bytes) {
  // What came back to an earlier one would else look as if our own kernel had refused this one.
  if (const int error = take_socket_error(descriptor_); error != 0) {
    return classify(Phase::send, error, Told::later);
  }
  if (::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0) {
    return std::nullopt;
  }
  Fault fault = classify(Phase::send, errno);
  if (fault.error == EMSGSIZE) {
    fault.origin = Origin::ours;
  }
  return fault;
}

void Datagram::ready() {
  std::array<std::byte, 65536> buffer;
  // The callback may drop the socket: its function must outlive that.
  OnEvent callback = std::move(on_event_);
  const std::weak_ptr<int> alive = alive_;
  for (int taken = 0; taken < kDatagramsPerTurn && !alive.expired(); ++taken) {
    const ssize_t length = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (length >= 0) {
      callback(std::span<const std::byte>(buffer.data(), static_cast<std::size_t>(length)));
    } else if (errno == EINTR) {
      continue;
    } else if (errno == EAGAIN) {
      break;
    } else {
      callback(classify(Phase::receive, errno, Told::later));
      break;
    }
  }
  if (!alive.expired()) {
    on_event_ = std::move(callback);
  }
}

}  // namespace ronda::net
