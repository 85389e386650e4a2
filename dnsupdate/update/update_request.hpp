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

// Questions put to the primary as an UPDATE that changes nothing: are these RRsets exactly so
// (empty: absent)? NOERROR says yes, and unlike a query it sees neither wildcards nor a stale
// signed copy.
Message exact_question(const Name& zone, const std::vector<RrSet>& sets);
// Is there any RRset, whatever its records, under this owner and type (RFC 2136 2.4.1, 2.4.3)?
Message presence_question(const Name& zone, const RrsetKey& key, bool present);
// An ordinary query, RD=0.
Message query_message(const RrsetKey& key);
// Does the zone have DNSSEC keys?
constexpr RrType kDnskey{48};
Message keys_question(const Name& zone);

// What a change does to the records: those wanted and not there, those there and not wanted.
std::vector<Rdata> added_records(const RrsetChange& change);
std::vector<Rdata> removed_records(const RrsetChange& change);

}  // namespace ronda::dnsupdate
