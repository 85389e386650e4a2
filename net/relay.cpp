#include "net/relay.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

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
  std::unique_ptr<Relay> relay(new Relay(loop, std::move(*socket), peer, most));
  if (!relay->listen()) {
    return std::unexpected(classify(Phase::open, errno));
  }
  return relay;
}

Relay::Relay(Loop& loop, ClientSocket socket, const Endpoint& peer, std::size_t most)
    : loop_(loop),
      endpoint_(peer),
      peer_(std::move(socket.descriptor)),
      left_(most),
      peer_watch_(loop.watch(peer_.get(), [this](Interest ready) { on_peer(ready); })) {}

// At a name that the kernel chooses, in no folder. A pair of connected sockets would do, had not
// libcurl 7.88 to connect by itself.
bool Relay::listen() {
  constexpr int kLocal = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  listener_.reset(::socket(AF_UNIX, kLocal, 0));
  outer_.reset(::socket(AF_UNIX, kLocal, 0));
  const ::sockaddr nameless{.sa_family = AF_UNIX, .sa_data = {}};
  auto* storage = reinterpret_cast<::sockaddr*>(address_.storage.data());
  auto length = static_cast<socklen_t>(address_.storage.size());
  if (!listener_ || !outer_ ||
      ::bind(listener_.get(), &nameless, sizeof(nameless.sa_family)) != 0 ||
      ::listen(listener_.get(), 1) != 0 || ::getsockname(listener_.get(), storage, &length) != 0) {
    return false;
  }
  address_.length = length;
  listener_watch_ = loop_.watch(listener_.get(), [this](Interest) { on_caller(); });
  listener_watch_->want(Interest::read);
  update_interest();
  return true;
}

// Whoever is not ourselves has found the name by chance.
void Relay::on_caller() {
  Descriptor caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!caller) {
    if (!is_patience(errno)) {
      const int error = errno;
      listener_watch_.reset();
      listener_.reset();  // and with it the library's connection
      fault_ = classify(Phase::open, error);
      end_inner();
      update_interest();
    }
    return;
  }
  ::ucred who{};
  socklen_t length = sizeof(who);
  if (::getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 ||
      who.pid != ::getpid()) {
    return;
  }
  inner_ = std::move(caller);
  listener_watch_.reset();
  listener_.reset();
  inner_watch_ = loop_.watch(inner_.get(), [this](Interest ready) { on_inner(ready); });
  if (peer_ended_) {
    end_inner();
  }
  update_interest();
}

Relay::~Relay() {
  peer_watch_.reset();
  inner_watch_.reset();
  if (!connected_at_ || fault_ || !inner_) {
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
  if (const int error = take_connect_error(peer_.get(), endpoint_); error != 0) {
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
  if (inner_ && !in_.drain(inner_.get())) {
    inner_ended_ = true;
    end_inner();
  }
}

// Who takes nothing more may still have said why: that is read first, and how the connection ended.
void Relay::hand_out() {
  if (out_.drain(peer_.get())) {
    return;
  }
  if (const int error = errno; classify(Phase::send, error, Told::later).origin == Origin::ours) {
    fail(Phase::send, error);
  } else {
    out_.drop();
    inner_ended_ = true;
  }
}

// What was handed in before is still read from the other end.
void Relay::end_inner() {
  peer_ended_ = true;
  if (inner_) {
    ::shutdown(inner_.get(), SHUT_WR);
  }
}

void Relay::fail(Phase phase, int error) {
  fault_ = classify(phase, error, Told::later);
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
  if (inner_watch_) {
    inner_watch_->want(both(open && out_.empty() && !inner_ended_, !in_.empty() && !peer_ended_));
  }
}

}  // namespace ronda::net
