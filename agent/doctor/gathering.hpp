// Waits for several answers that come in any order, and goes on when the last one is there.
// Dropped, it drops the questions too.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "net/loop.hpp"

namespace ronda::agent {

class Gathering {
 public:
  using Done = std::function<void()>;

  Gathering() = default;
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  // Starts the work; it calls `done` once, and not inside this call.
  void wait_for(const std::function<net::Handle(Done done)>& work);
  // Once all that is waited for has come; inside this call when nothing is waited for.
  void then(std::function<void()> next);

 private:
  std::size_t awaited_ = 0;
  std::function<void()> next_{};
  std::vector<net::Handle> handles_{};
};

}  // namespace ronda::agent
