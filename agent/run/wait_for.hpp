// One asynchronous call, waited for: for commands that do one thing after the other and then end.
// Never inside a callback of the loop.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "net/uv_loop.hpp"

namespace ronda::agent {

template <typename Result>
Result wait_for(net::UvLoop& loop,
                const std::function<net::Handle(std::function<void(Result)>)>& start) {
  std::optional<Result> result;
  const net::Handle work = start([&](Result value) {
    result.emplace(std::move(value));
    loop.stop();
  });
  if (!result) {
    loop.run();
  }
  return *std::move(result);
}

}  // namespace ronda::agent
