// The arguments of "prereq" and "update": one record of the message each (RFC 2136 2.4 and 2.5).
// The errors are nsupdate's own words where it has some.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "dnsupdate/nsupdate/script_session.hpp"

namespace ronda::dnsupdate {

enum class Prerequisite : std::uint8_t { nxdomain, yxdomain, nxrrset, yxrrset };

std::expected<void, std::string> read_prerequisite(ScriptSession& session, Prerequisite kind,
                                                   std::string_view arguments);
std::expected<void, std::string> read_addition(ScriptSession& session, std::string_view arguments);
std::expected<void, std::string> read_deletion(ScriptSession& session, std::string_view arguments);

}  // namespace ronda::dnsupdate
