// An icmp check run: an echo request with random data, asked once more at half of the timeout, and
// the reply with the same data. It says that the host's kernel is there and nothing about a
// service.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for icmp checks; the endpoint's port means nothing.
[[nodiscard]] net::Handle run_icmp(const Engines& engines, const CheckSpec& check,
                                   const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
