// A dns check run: one question to the replica and, where the check limits its lag, one to the
// primary beside it; one deadline, one result. Only the replica's silence is a failure.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for dns checks.
[[nodiscard]] net::Handle run_dns(const Engines& engines, const CheckSpec& check,
                                  const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
