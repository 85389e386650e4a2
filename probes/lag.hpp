// Nothing counts against a replica that our own loop was too late to watch: the rule that tells a
// late answer from late reading.
#pragma once

#include <optional>

#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

// The result to give instead of a timeout when the loop was late by `lag`; nothing when it was in
// time.
std::optional<ProbeResult> excuse_timeout(net::Duration lag, net::Duration timeout);

// Whatever came while the loop was that late is unknown: the peer may have given up waiting for us.
void excuse_lateness(ProbeResult& result, net::Duration lag, net::Duration timeout);

}  // namespace ronda::probes
