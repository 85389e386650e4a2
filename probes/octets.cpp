#include "probes/octets.hpp"

#include <optional>

namespace ronda::probes {

namespace {

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return static_cast<unsigned>(digit - '0');
  }
  if (digit >= 'a' && digit <= 'f') {
    return static_cast<unsigned>(digit - 'a') + 10U;
  }
  if (digit >= 'A' && digit <= 'F') {
    return static_cast<unsigned>(digit - 'A') + 10U;
  }
  return std::nullopt;
}

std::optional<char> hex_pair(std::string_view text) {
  if (text.size() < 2) {
    return std::nullopt;
  }
  const auto high = hex_digit(text[0]);
  const auto low = hex_digit(text[1]);
  if (!high || !low) {
    return std::nullopt;
  }
  return static_cast<char>((*high << 4U) | *low);
}

std::optional<char> simple_escape(char letter) {
  switch (letter) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '0':
      return '\0';
    case '\\':
      return '\\';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::expected<std::string, std::string> parse_escapes(std::string_view text) {
  std::string octets;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      octets.push_back(text[at]);
      continue;
    }
    if (++at == text.size()) {
      return std::unexpected("ends in a lone backslash, write \\\\ for one");
    }
    if (text[at] == 'x') {
      const auto octet = hex_pair(text.substr(at + 1));
      if (!octet) {
        return std::unexpected("\\x wants two hexadecimal digits, as in \\x0d");
      }
      octets.push_back(*octet);
      at += 2;
    } else if (const auto octet = simple_escape(text[at])) {
      octets.push_back(*octet);
    } else {
      return std::unexpected(std::string("\\") + text[at] +
                             " is no escape; there are \\r \\n \\t \\0 \\\\ and \\xNN");
    }
  }
  return octets;
}

std::expected<std::string, std::string> parse_hex(std::string_view text) {
  std::string octets;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == ':') {
      ++at;
      continue;
    }
    const auto octet = hex_pair(text.substr(at));
    if (!octet) {
      return std::unexpected("wants pairs of hexadecimal digits, as in \"16 03 01\"");
    }
    octets.push_back(*octet);
    at += 2;
  }
  return octets;
}

}  // namespace ronda::probes
