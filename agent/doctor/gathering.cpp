#include "agent/doctor/gathering.hpp"

#include <utility>

namespace ronda::agent {

void Gathering::wait_for(const std::function<net::Handle(Done done)>& work) {
  ++awaited_;
  handles_.push_back(work([this] {
    if (--awaited_ == 0) {
      const auto next = std::exchange(next_, {});
      next();
    }
  }));
}

void Gathering::then(std::function<void()> next) {
  if (awaited_ == 0) {
    next();
  } else {
    next_ = std::move(next);
  }
}

}  // namespace ronda::agent
