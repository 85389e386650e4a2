#include "net/relay.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace ronda::net {

namespace {

bool is_patience(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

std::ptrdiff_t Relay::Portion::fill(int from, std::size_t most) {
  const ssize_t length = ::recv(from, bytes_.data(), std::min(most, bytes_.size()), 0);
  length_ = length > 0 ? static_cast<std::size_t>(length) : 0;
  sent_ = 0;
  return length;
}

bool Relay::Portion::drain(int to) {
  while (!empty()) {
    const ssize_t length = ::send(to, bytes_.data() + sent_, length_ - sent_, MSG_NOSIGNAL);
    if (length < 0) {
      return is_patience(errno);
    }
    sent_ += static_cast<std::size_t>(length);
  }
  return true;
}

std::expected<std::unique_ptr<Relay>, Fault> Relay::open(Loop& loop, const Endpoint& peer,
                                                         const std::optional<IpAddress>& source,
                                                         std::size_t most) {
  auto socket = start_connecting(Transport::stream, peer, source);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return std::unexpected(classify(Phase::open, errno));
  }
  return std::unique_ptr<Relay>(
      new Relay(loop, std::move(*socket), peer, Descriptor(pair[0]), Descriptor(pair[1]), most));
}

Relay::Relay(Loop& loop, ClientSocket socket, const Endpoint& peer, Descriptor inner,
             Descriptor outer, std::size_t most)
    : loop_(loop),
      endpoint_(peer),
      peer_(std::move(socket.descriptor)),
      inner_(std::move(inner)),
      outer_(std::move(outer)),
      left_(most),
      peer_watch_(loop.watch(peer_.get(), [this](Interest ready) { on_peer(ready); })),
      inner_watch_(loop.watch(inner_.get(), [this](Interest ready) { on_inner(ready); })) {
  update_interest();
}

Relay::~Relay() {
  peer_watch_.reset();
  inner_watch_.reset();
  if (!connected_at_ || fault_) {
    return;
  }
  // No more than one portion: a library that is done has no more to say.
  if (out_.empty() && !inner_ended_) {
    out_.fill(inner_.get(), SIZE_MAX);
  }
  out_.drain(peer_.get());
}

void Relay::on_peer(Interest ready) {
  if (!connected_at_ && !settle_connection()) {
    return;
  }
  if (has(ready, Interest::write)) {
    hand_out();
  }
  if (has(ready, Interest::read) && in_.empty() && !peer_ended_ && !fault_) {
    take_from_peer();
  }
  update_interest();
}

void Relay::on_inner(Interest ready) {
  if (has(ready, Interest::write)) {
    hand_in();
  }
  if (has(ready, Interest::read) && out_.empty() && !inner_ended_ && !fault_) {
    take_from_inner();
  }
  update_interest();
}

bool Relay::settle_connection() {
  int error = take_socket_error(peer_.get());
  // A port of our own ephemeral range without a listener may be met by our own SYN.
  if (error == 0 && local_endpoint(peer_.get()) == endpoint_) {
    error = ECONNREFUSED;
  }
  if (error != 0) {
    fail(Phase::connect, error);
    return false;
  }
  connected_at_ = loop_.now();
  return true;
}

void Relay::take_from_peer() {
  if (left_ == 0) {
    overflowed_ = true;
    end_inner();
    return;
  }
  const std::ptrdiff_t length = in_.fill(peer_.get(), left_);
  if (length > 0) {
    left_ -= static_cast<std::size_t>(length);
    hand_in();
  } else if (length == 0) {
    end_inner();
  } else if (!is_patience(errno)) {
    fail(Phase::receive, errno);
  }
}

void Relay::take_from_inner() {
  const std::ptrdiff_t length = out_.fill(inner_.get(), SIZE_MAX);
  if (length > 0) {
    hand_out();
  } else if (length == 0 || !is_patience(errno)) {
    inner_ended_ = true;
  }
}

void Relay::hand_in() {
  if (!in_.drain(inner_.get())) {
    inner_ended_ = true;
    end_inner();
  }
}

// Who takes nothing more may still have said why: that is read first, and how the connection ended.
void Relay::hand_out() {
  if (out_.drain(peer_.get())) {
    return;
  }
  if (const int error = errno; classify(Phase::send, error).origin == Origin::ours) {
    fail(Phase::send, error);
  } else {
    out_.drop();
    inner_ended_ = true;
  }
}

// What was handed in before is still read from the other end.
void Relay::end_inner() {
  peer_ended_ = true;
  ::shutdown(inner_.get(), SHUT_WR);
}

void Relay::fail(Phase phase, int error) {
  fault_ = classify(phase, error);
  end_inner();
  update_interest();
}

void Relay::update_interest() {
  const auto both = [](bool read, bool write) {
    return (read ? Interest::read : Interest::none) | (write ? Interest::write : Interest::none);
  };
  const bool open = connected_at_ && !fault_;
  peer_watch_->want(fault_ ? Interest::none
                           : both(open && in_.empty() && !peer_ended_, !open || !out_.empty()));
  inner_watch_->want(both(open && out_.empty() && !inner_ended_, !in_.empty() && !peer_ended_));
}

}  // namespace ronda::net
