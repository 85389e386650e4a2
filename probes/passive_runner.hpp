// A passive check run: the last word from outside, as it was told to this process or stands in the
// check's file. It asks nobody.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for passive checks.
[[nodiscard]] net::Handle run_passive(const Engines& engines, const CheckSpec& check,
                                      const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
