// How to make a primary show what it has committed: with inline-signing BIND may lose a change on
// its way into the signed copy and shows it only with the next effective change of the zone. A
// nudge is such a change and its undoing, two UPDATEs, each with the exact RRsets as prerequisites;
// the records are the same afterwards. Pure.
//
//   what was committed | first message                         | second message
//   -------------------+---------------------------------------+---------------------------
//   an RRset           | its TTL becomes short                 | its TTL is the wanted one
//   no RRset any more  | a record comes back that is still     | it is deleted again
//                      | shown, since the removal is not       |
//
// Whatever the TTL was, at least the second message is effective: the first has left another one,
// and a short one is below any limit to which a server cuts TTLs.
#pragma once

#include <cstdint>
#include <vector>

#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

struct Nudge {
  Message step{};
  Message step_back{};
};

// The TTL in between: another one than `ttl`, at most 30 s.
std::uint32_t nudge_ttl(std::uint32_t ttl);
// The changes as committed: each RRset at the primary is its `wanted`.
Nudge make_nudge(const Name& zone, const std::vector<RrsetChange>& committed);

}  // namespace ronda::dnsupdate
