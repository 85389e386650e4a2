// Builds UPDATE messages (RFC 2136 2) from RRset changes: one zone, the exact RRsets read as
// prerequisites (2.4.2, 2.4.3), deletes before adds (2.5). Pure.
#pragma once

#include <string>
#include <vector>

#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

// Header id 0; the exchange sets it.
Message update_message(const Name& zone, const std::vector<RrsetChange>& changes);
// The same as nsupdate commands, one a line, for `ronda plan`: "zone ...", "prereq yxrrset ...",
// "update delete ...", "update add ...", "send".
std::string to_nsupdate_text(const Name& zone, const std::vector<RrsetChange>& changes);

}  // namespace ronda::dnsupdate
