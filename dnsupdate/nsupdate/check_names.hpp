// Which names may own or stand in which records when they have to be host names (RFC 952, RFC 1123
// 2.1), as BIND's check-names sees it. Only additions are checked.
#pragma once

#include <optional>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/name.hpp"

namespace ronda::dnsupdate {

std::optional<Name> bad_owner(const ResourceRecord& record);
std::optional<Name> bad_name(const ResourceRecord& record);  // inside the data

}  // namespace ronda::dnsupdate
