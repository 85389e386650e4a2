// What the values of a check's keys may look like: the words that several setters ask about. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace ronda::probes {

bool is_visible(char byte);            // printable ASCII, no blank
bool is_name(std::string_view text);   // of a host
bool is_token(std::string_view text);  // RFC 9110 5.6.2
std::expected<void, std::string> check_pattern(const std::string& text);  // RE2's syntax
// As a sentence shows it: printable, short. Not "quoted", or newer standard libraries find their
// own std::quoted for a std::string.
std::string in_quotes(std::string_view text);

}  // namespace ronda::probes
