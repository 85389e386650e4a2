// The text forms in which a person writes bytes in a check: escapes in text, and hexadecimal.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace ronda::probes {

// "EHLO a\r\n" with \r \n \t \\ \0 and \xNN. The error is a sentence to follow the place.
std::expected<std::string, std::string> parse_escapes(std::string_view text);
// "16 03 01" or "160301".
std::expected<std::string, std::string> parse_hex(std::string_view text);

}  // namespace ronda::probes
