// What makes two probes the same: the check after defaults, the address and the port. Services that
// share a replica share its probe, and saved state is found again by this key.
#pragma once

#include <string>

#include "agent/config/config.hpp"

namespace ronda::agent {

// Stable across runs and versions of the same config: kind, endpoint, a hash of everything else
// that decides the answer (timing included, since thresholds belong to the tracker).
std::string probe_key(const MemberCheck& check);

}  // namespace ronda::agent
