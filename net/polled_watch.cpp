#include "net/polled_watch.hpp"

#include <utility>

#include <poll.h>

namespace ronda::net {

namespace {

constexpr Duration kPause = std::chrono::milliseconds(5);

Interest ready_now(int descriptor, Interest wanted) {
  const int events =
      (has(wanted, Interest::read) ? POLLIN : 0) | (has(wanted, Interest::write) ? POLLOUT : 0);
  ::pollfd asked{.fd = descriptor, .events = static_cast<short>(events), .revents = 0};
  if (::poll(&asked, 1, 0) <= 0) {
    return Interest::none;
  }
  // Errors and hang-ups count as what was asked for.
  const int told = (asked.revents & events) == 0 ? events : asked.revents;
  return ((told & POLLIN) != 0 ? Interest::read : Interest::none) |
         ((told & POLLOUT) != 0 ? Interest::write : Interest::none);
}

}  // namespace

PolledWatch::PolledWatch(Loop& loop, int descriptor, Loop::OnReady callback)
    : loop_(loop),
      descriptor_(descriptor),
      callback_(std::make_shared<Loop::OnReady>(std::move(callback))) {}

void PolledWatch::want(Interest interest) {
  wanted_ = interest;
  arm();
}

void PolledWatch::arm() {
  if (wanted_ == Interest::none) {
    timer_.reset();
  } else if (!timer_) {
    timer_ = loop_.at(loop_.now() + kPause, [this] { look(); });
  }
}

void PolledWatch::look() {
  timer_.reset();
  const Interest ready = ready_now(descriptor_, wanted_);
  if (ready != Interest::none) {
    const std::shared_ptr<Loop::OnReady> callback = callback_;
    const std::weak_ptr<Loop::OnReady> own = callback_;
    (*callback)(ready);
    if (own.use_count() == 1) {
      return;
    }
  }
  arm();
}

}  // namespace ronda::net
