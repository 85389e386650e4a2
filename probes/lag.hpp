// A timeout counts against a replica only when our own loop was in time: the rule that tells a late
// answer from late reading.
#pragma once

#include <optional>

#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

// The result to give instead of a timeout when the loop was late by `lag`; nothing when it was in
// time.
std::optional<ProbeResult> excuse_timeout(net::Duration lag, net::Duration timeout);

}  // namespace ronda::probes
