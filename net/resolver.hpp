// Host names to addresses, by c-ares on our loop, bounded in time. Used for primaries named by
// host; replicas are given by address. Literals never get here.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::net {

class Resolver {
 public:
  using Answer = std::expected<std::vector<IpAddress>, std::string>;  // error: a sentence
  explicit Resolver(Loop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls back once, never inside this call; dropping the handle cancels. v4 before v6.
  [[nodiscard]] Handle resolve(const std::string& host, std::function<void(Answer)> on_answer);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ronda::net
