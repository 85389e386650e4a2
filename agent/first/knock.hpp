// Which of some TCP ports are open at some addresses: one connection each, closed at once, many
// side by side, bounded in number and time.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/probe.hpp"

namespace ronda::agent {

// Calls back once, never inside this call, with the endpoints that took the connection, sorted.
// Dropping the handle cancels. What is borrowed outlives the call.
[[nodiscard]] net::Handle knock(probes::Engines& engines, std::vector<net::Endpoint> doors,
                                net::Duration patience,
                                std::function<void(std::vector<net::Endpoint>)> on_done);

}  // namespace ronda::agent
