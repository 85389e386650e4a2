#include "dnsupdate/wire/rdata_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kMaxString = 255;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t';
}

int hex_value(char digit) {
  if (is_digit(digit)) {
    return digit - '0';
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  if (digit >= 'A' && digit <= 'F') {
    return digit - 'A' + 10;
  }
  return -1;
}

// Reads one token that starts at `position` and leaves `position` behind it.
std::expected<TextToken, std::string> next_token(std::string_view text, std::size_t& position,
                                                 bool assignments) {
  TextToken token;
  token.quoted = text[position] == '"';
  bool in_quotes = token.quoted;
  if (in_quotes) {
    ++position;
  }
  while (position < text.size()) {
    const char letter = text[position];
    if (in_quotes ? letter == '"' : is_blank(letter)) {
      break;
    }
    if (letter == '\n' || letter == '\r' || letter == '\0') {
      return std::unexpected("record data is one line of text");
    }
    if (!in_quotes && letter == '"') {
      if (!assignments || !token.raw.ends_with('=')) {
        return std::unexpected("a quote begins in the middle of a word");
      }
      in_quotes = true;
      ++position;
      continue;
    }
    if (!in_quotes && (letter == ';' || letter == '(' || letter == ')')) {
      return std::unexpected(std::string("\"") + letter +
                             "\" has a meaning of its own in zone files; put the text in quotes");
    }
    token.raw += letter;
    ++position;
    if (letter == '\\' && position < text.size()) {
      token.raw += text[position++];
    }
  }
  if (in_quotes) {
    if (position >= text.size()) {
      return std::unexpected("a quoted text has no closing quote");
    }
    ++position;
    if (position < text.size() && !is_blank(text[position])) {
      return std::unexpected("a blank is missing after a closing quote");
    }
  }
  return token;
}

}  // namespace

std::expected<std::string, std::string> unescape(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      text += raw[i];
      continue;
    }
    if (i + 1 >= raw.size()) {
      return std::unexpected("a text ends in a lone backslash");
    }
    if (!is_digit(raw[i + 1])) {
      text += raw[++i];
      continue;
    }
    if (i + 3 >= raw.size() || !is_digit(raw[i + 2]) || !is_digit(raw[i + 3])) {
      return std::unexpected("a backslash is followed by fewer than three digits; write \\DDD");
    }
    const int value = (raw[i + 1] - '0') * 100 + (raw[i + 2] - '0') * 10 + (raw[i + 3] - '0');
    if (value > 255) {
      return std::unexpected("the escape \\" + std::string(raw.substr(i + 1, 3)) +
                             " is more than 255");
    }
    text += static_cast<char>(value);
    i += 3;
  }
  return text;
}

std::expected<std::vector<TextToken>, std::string> split_tokens(std::string_view text,
                                                                bool assignments) {
  std::vector<TextToken> tokens;
  std::size_t position = 0;
  while (true) {
    while (position < text.size() && is_blank(text[position])) {
      ++position;
    }
    if (position >= text.size()) {
      return tokens;
    }
    auto token = next_token(text, position, assignments);
    if (!token) {
      return std::unexpected(token.error());
    }
    tokens.push_back(std::move(*token));
  }
}

std::expected<std::string, std::string> parse_number(std::string_view text, std::size_t width) {
  const std::uint64_t limit = (std::uint64_t{1} << (8 * width)) - 1;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return std::unexpected("\"" + std::string(text) + "\" is not a whole number");
  }
  if (error == std::errc::result_out_of_range || number > limit) {
    return std::unexpected(std::string(text) + " is more than " + std::to_string(limit));
  }
  std::string octets;
  for (std::size_t i = width; i > 0; --i) {
    octets += static_cast<char>(number >> (8 * (i - 1)) & 0xff);
  }
  return octets;
}

std::expected<std::string, std::string> parse_strings(const std::vector<TextToken>& tokens) {
  if (tokens.empty()) {
    return std::unexpected("the text is empty; an empty string is written \"\"");
  }
  std::string octets;
  for (const TextToken& token : tokens) {
    const auto text = unescape(token.raw);
    if (!text) {
      return std::unexpected(text.error());
    }
    if (text->size() > kMaxString) {
      return std::unexpected("a string of " + std::to_string(text->size()) +
                             " octets is too long; split it into strings of at most 255");
    }
    octets += static_cast<char>(text->size());
    octets += *text;
  }
  return octets;
}

std::string quote(std::string_view octets) {
  std::string text = "\"";
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    if (value < 0x20 || value >= 0x7f) {
      const std::string digits = std::to_string(value);
      text += '\\' + std::string(3 - digits.size(), '0') + digits;
    } else {
      if (octet == '"' || octet == '\\') {
        text += '\\';
      }
      text += octet;
    }
  }
  return text + '"';
}

std::string print_strings(std::string_view octets) {
  std::string text;
  while (!octets.empty()) {
    const std::size_t length = static_cast<unsigned char>(octets[0]);
    text += text.empty() ? "" : " ";
    text += quote(octets.substr(1, length));
    octets.remove_prefix(std::min(octets.size(), 1 + length));
  }
  return text;
}

std::expected<std::string, std::string> parse_opaque(const std::vector<TextToken>& tokens) {
  std::size_t length = 0;
  if (tokens.size() >= 2) {
    const std::string& digits = tokens[1].raw;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size() || length > 65535) {
      return std::unexpected("\"" + digits + "\" is not a length from 0 to 65535");
    }
  } else {
    return std::unexpected("\\# is followed by the number of octets and then by hex");
  }
  std::string hex;
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    hex += tokens[i].raw;
  }
  if (hex.size() != 2 * length) {
    return std::unexpected("\\# " + std::to_string(length) + " needs " +
                           std::to_string(2 * length) + " hex digits, not " +
                           std::to_string(hex.size()));
  }
  std::string octets;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) {
      return std::unexpected("\"" + hex.substr(i, 2) + "\" is not hex");
    }
    octets += static_cast<char>(high * 16 + low);
  }
  return octets;
}

std::string print_opaque(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\\# " + std::to_string(octets.size());
  if (!octets.empty()) {
    text += ' ';
  }
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    text += kDigits[value >> 4];
    text += kDigits[value & 0x0f];
  }
  return text;
}

}  // namespace ronda::dnsupdate
