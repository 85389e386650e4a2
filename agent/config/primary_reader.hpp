// The keys of a zone that say how to reach its primary: which hosts, over what, from where, and
// how they prove themselves over TLS. Looks up no name.
#pragma once

#include "agent/config/config.hpp"
#include "agent/config/files.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"

namespace ronda::agent {

void read_primary_keys(const ObjectView& zone, const Folders& folders, ZoneConfig& config,
                       Problems& problems);

}  // namespace ronda::agent
