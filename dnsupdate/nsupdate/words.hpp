// The words of nsupdate's command lines and the numbers, classes and signs in them. Unlike in a
// zone file, a semicolon, a parenthesis or a quote inside a word means itself.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

// Cuts the next word off the front of `rest`; empty when there is none.
std::string_view take_word(std::string_view& rest);
std::string_view trimmed(std::string_view text);
bool same_word(std::string_view word, std::string_view other);  // ASCII case ignored

// Record data as the reader of zone file text wants it: what means itself here is escaped there.
std::string to_zone_text(std::string_view data);
// A name relative to the root; "@" is the root itself.
std::expected<Name, std::string> parse_owner(std::string_view word);

std::optional<RrClass> parse_class(std::string_view word);  // IN, CHAOS, CLASS3, ...

enum class NumberFault : std::uint8_t { not_a_number, out_of_range };
// A record's TTL: decimal seconds. Unlike a zone file, nsupdate knows no units there.
std::expected<std::uint32_t, NumberFault> parse_ttl(std::string_view word);
// A time inside data: decimal seconds, or BIND's units: 1h30m, 2w.
std::expected<std::uint32_t, NumberFault> parse_time(std::string_view word);

}  // namespace ronda::dnsupdate
