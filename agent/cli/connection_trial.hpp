// Whether a server takes TCP connections at all: one is opened and closed again, nothing is said.
#pragma once

#include <functional>
#include <optional>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace ronda::agent {

// Calls back, never inside this call; dropping the handle cancels.
[[nodiscard]] net::Handle try_to_connect(net::Loop& loop, const net::Endpoint& server,
                                         std::optional<net::IpAddress> source, net::Duration limit,
                                         std::function<void(bool connects)> on_done);

}  // namespace ronda::agent
