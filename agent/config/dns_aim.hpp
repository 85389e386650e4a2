// What a dns check takes from the zones of the config: the name to ask for where none is written,
// and the primary that a secondary's serial is compared with. Looks up no name.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "agent/config/zone_reader.hpp"
#include "probes/check.hpp"

namespace ronda::agent {

// Why the check cannot be made, as the rest of a sentence; empty when it can. `own` is the zone of
// the service that is checked.
std::string why_not_asked(const probes::DnsCheck& check, std::optional<std::size_t> own,
                          std::span<const ReadZone> zones);

void aim_dns(probes::DnsCheck& check, std::optional<std::size_t> own,
             std::span<const ReadZone> zones);

}  // namespace ronda::agent
