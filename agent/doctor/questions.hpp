// The messages of `ronda doctor`, none of which changes anything, and what is read out of their
// answers. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/rrset.hpp"
#include "net/address.hpp"

namespace ronda::agent {

// The SOA with the EXPIRE option of EDNS (RFC 7314).
dnsupdate::Message expire_question(const dnsupdate::Name& zone);
// version.bind in the class CHAOS. To be asked without a key: BIND's view for it knows none.
dnsupdate::Message version_question();
// Does the zone take updates at all? The condition, that the zone has no SOA, never holds, and
// there is no change either.
dnsupdate::Message update_question(const dnsupdate::Name& zone);
// May this RRset be changed, and is it really there? BIND looks at its policy before it looks at
// the conditions: NXRRSET says that it may and is not there, YXRRSET that it may and is. The second
// condition never holds. Even without it nothing would change: the record to delete is nobody's.
dnsupdate::Message permission_question(const dnsupdate::Name& zone, const dnsupdate::RrsetKey& key);

// Seconds, as the option says; nothing when there is none.
std::optional<std::uint32_t> expire_option(const dnsupdate::Message& reply);
// The SOA's own field.
std::optional<std::uint32_t> soa_expire(const dnsupdate::Message& reply,
                                        const dnsupdate::Name& zone);
// A primary answers with the SOA's own field, a secondary with what is left of it. False too when
// it cannot be told.
bool is_secondary(const dnsupdate::Answer& answer, const dnsupdate::Name& zone);
std::optional<std::string> version_text(const dnsupdate::Message& reply);

// Names of the zone's name servers and the addresses that came with them.
using NameServers = std::map<dnsupdate::Name, std::vector<net::IpAddress>>;
NameServers name_servers(const dnsupdate::Message& reply, const dnsupdate::Name& zone);

}  // namespace ronda::agent
