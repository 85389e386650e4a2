// The presentation form of record data below the level of types (RFC 1035 5.1, RFC 3597 5): words,
// quoted strings, escapes, numbers, octets in hex. Which word is what, rdata.cpp knows.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::dnsupdate {

struct TextToken {
  std::string raw{};  // escapes still in place
  bool quoted = false;
};

// Splits at blanks outside quotes. Line grouping and comments of master files do not exist here.
// With `assignments` a word may go on in quotes behind its "=" (RFC 9460 2.1), which are left out
// of it.
std::expected<std::vector<TextToken>, std::string> split_tokens(std::string_view text,
                                                                bool assignments = false);

// The octets that \X and \DDD stand for.
std::expected<std::string, std::string> unescape(std::string_view raw);
// In quotes, with what needs it escaped.
std::string quote(std::string_view octets);

// A decimal number as 1, 2 or 4 octets in network order.
std::expected<std::string, std::string> parse_number(std::string_view text, std::size_t width);

// Character strings with their length octets; each at most 255 octets.
std::expected<std::string, std::string> parse_strings(const std::vector<TextToken>& tokens);
// Takes octets whose length octets fit; every string comes out in quotes.
std::string print_strings(std::string_view octets);

// RFC 3597: "\#", the length, then hex in any number of words.
std::expected<std::string, std::string> parse_opaque(const std::vector<TextToken>& tokens);
std::string print_opaque(std::string_view octets);

}  // namespace ronda::dnsupdate
