// A watch for a descriptor that the kernel refuses an epoll entry for (fs.epoll.max_user_watches is
// used up, or there is no memory): looked at with poll(2) by a timer. Later by milliseconds, so
// that our own want of room neither ends the daemon nor is held against a replica.
#pragma once

#include <memory>

#include "net/loop.hpp"

namespace ronda::net {

class PolledWatch final : public Watch {
 public:
  PolledWatch(Loop& loop, int descriptor, Loop::OnReady callback);
  void want(Interest interest) override;

 private:
  void arm();
  void look();

  Loop& loop_;
  int descriptor_;
  std::shared_ptr<Loop::OnReady> callback_;  // also the token of life: expired means dropped
  Interest wanted_ = Interest::none;
  Handle timer_{};
};

}  // namespace ronda::net
