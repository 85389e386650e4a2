// Record types by name and the text of their data, for a tool that has to read and print more of
// them than the wire room knows by heart (RFC 1035, 1183, 2163, 2782, 3403, 4034, 4255, 5155, 6698,
// 7553 and others). A type without a form here is left to Rdata, and read as \# LENGTH HEX
// (RFC 3597) where that knows none either.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

std::optional<RrType> parse_type_word(std::string_view word);
std::string type_text(RrType type);
// Types that are questions or signatures of messages: no record of them can stand in a zone.
bool is_meta_type(RrType type);
std::vector<std::string> known_type_names();  // by number

// Text of one command line to wire octets. The error is a sentence.
std::expected<std::string, std::string> parse_data(RrType type, std::string_view text);
// Names with their final dot, as dig prints them.
std::string data_text(RrType type, std::string_view octets);

}  // namespace ronda::dnsupdate
