// Serials of zones: read out of an answer to an SOA question, and compared on the circle they run
// on (RFC 1982).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/name.hpp"

namespace ronda::dnsupdate {

// Of an SOA's data; nothing where the octets are none.
std::optional<std::uint32_t> soa_serial(std::string_view rdata);
// Of a whole answer that is authoritative for exactly this zone.
std::optional<std::uint32_t> serial_of(const Message& reply, const Name& zone);
// How far `serial` is behind `other`; negative: ahead of it. Half a circle apart neither is behind
// (RFC 1982 3.2): that comes out as ahead.
std::int32_t behind(std::uint32_t serial, std::uint32_t other);

}  // namespace ronda::dnsupdate
