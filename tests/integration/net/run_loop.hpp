// Runs a loop until the test's callbacks stop it; false when they did not within five seconds.
#pragma once

#include <chrono>

#include "net/uv_loop.hpp"

namespace ronda::test {

inline bool run(net::UvLoop& loop, net::Duration limit = std::chrono::seconds(5)) {
  bool in_time = true;
  const net::Handle guard = loop.at(loop.now() + limit, [&] {
    in_time = false;
    loop.stop();
  });
  loop.run();
  return in_time;
}

}  // namespace ronda::test
