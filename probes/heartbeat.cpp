#include "probes/heartbeat.hpp"

#include <utility>

namespace ronda::probes {

namespace {

// Below what is tolerated of any check, see lag.cpp.
constexpr net::Duration kBeat = std::chrono::milliseconds(100);

}  // namespace

class Heartbeat::Keeper final : public net::Cancellable {
 public:
  explicit Keeper(std::shared_ptr<Heartbeat> heart) : heart_(std::move(heart)) {
    ++heart_->keepers_;
  }
  ~Keeper() override {
    if (--heart_->keepers_ == 0) {
      heart_->timer_.reset();
    }
  }

 private:
  std::shared_ptr<Heartbeat> heart_;
};

net::Handle Heartbeat::keep(net::Loop& loop) {
  auto keeper = std::make_unique<Keeper>(shared_from_this());
  if (keepers_ == 1) {
    beat(loop);
  }
  return keeper;
}

void Heartbeat::beat(net::Loop& loop) {
  timer_ = loop.at(loop.now() + kBeat, [this, &loop] { beat(loop); });
}

}  // namespace ronda::probes
