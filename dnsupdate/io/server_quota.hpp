// How many questions may be in flight at one server, over every client that shares this object:
// BIND drops UPDATEs silently above its update-quota of 100, whatever zones they are for.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::dnsupdate {

class ServerQuota {
 public:
  using Place = std::shared_ptr<void>;  // given back when dropped

  explicit ServerQuota(std::size_t limit = 32);

  Place take(const net::Endpoint& server);  // null: all are taken
  // Calls back once, when a place may be free; dropping the handle cancels. In order of asking.
  [[nodiscard]] net::Handle wait(const net::Endpoint& server, std::function<void()> on_free);

 private:
  class Desks;
  std::shared_ptr<Desks> desks_;
};

}  // namespace ronda::dnsupdate
