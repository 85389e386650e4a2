#include "dnsupdate/nsupdate/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace ronda::dnsupdate {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kSigns = ";()\"";  // with a meaning in zone files

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_blank(char letter) {
  return kBlanks.find(letter) != std::string_view::npos;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Appends one character of a bare word, with its backslash and what follows it.
void append_escaped(std::string& text, std::string_view word, std::size_t& position) {
  const char letter = word[position++];
  if (letter == '\\') {
    text += letter;
    if (position < word.size()) {
      text += word[position++];
    }
    return;
  }
  if (kSigns.find(letter) != std::string_view::npos) {
    text += '\\';
  }
  text += letter;
}

void append_quoted(std::string& text, std::string_view data, std::size_t& position) {
  text += data[position++];
  while (position < data.size()) {
    const char letter = data[position++];
    text += letter;
    if (letter == '\\' && position < data.size()) {
      text += data[position++];
    } else if (letter == '"') {
      text += ' ';
      return;
    }
  }
}

std::uint64_t seconds_in(char unit) {
  constexpr std::array<std::pair<char, std::uint64_t>, 5> kUnits{
      {{'w', 604'800}, {'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  const auto* const found = std::ranges::find(kUnits, unit, &std::pair<char, std::uint64_t>::first);
  return found == kUnits.end() ? 0 : found->second;
}

}  // namespace

std::string_view take_word(std::string_view& rest) {
  const std::size_t start = std::min(rest.find_first_not_of(kBlanks), rest.size());
  const std::size_t end = std::min(rest.find_first_of(kBlanks, start), rest.size());
  const std::string_view word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool same_word(std::string_view word, std::string_view other) {
  return std::ranges::equal(word, other, [](char a, char b) { return lower(a) == lower(b); });
}

std::string to_zone_text(std::string_view data) {
  std::string text;
  text.reserve(data.size() + 8);
  std::size_t position = 0;
  bool in_word = false;
  while (position < data.size()) {
    const char letter = data[position];
    if (!in_word && letter == '"') {
      append_quoted(text, data, position);
    } else if (is_blank(letter)) {
      in_word = false;
      text += ' ';
      ++position;
    } else {
      in_word = true;
      append_escaped(text, data, position);
    }
  }
  return text;
}

std::expected<Name, std::string> parse_owner(std::string_view word) {
  if (word == "@") {
    return Name();
  }
  std::string text;
  for (std::size_t position = 0; position < word.size();) {
    append_escaped(text, word, position);
  }
  return Name::parse(text);
}

std::optional<RrClass> parse_class(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::uint16_t>, 8> kClasses{{{"IN", 1},
                                                                                {"CH", 3},
                                                                                {"CHAOS", 3},
                                                                                {"HS", 4},
                                                                                {"HESIOD", 4},
                                                                                {"NONE", 254},
                                                                                {"ANY", 255},
                                                                                {"RESERVED0", 0}}};
  for (const auto& [text, number] : kClasses) {
    if (same_word(word, text)) {
      return static_cast<RrClass>(number);
    }
  }
  constexpr std::string_view kPrefix = "CLASS";
  if (!same_word(word.substr(0, kPrefix.size()), kPrefix)) {
    return std::nullopt;
  }
  const std::string_view digits = word.substr(kPrefix.size());
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return static_cast<RrClass>(number);
}

std::expected<std::uint32_t, NumberFault> parse_ttl(std::string_view word) {
  if (!std::ranges::all_of(word, is_digit)) {
    return std::unexpected(NumberFault::not_a_number);
  }
  return parse_time(word);
}

std::expected<std::uint32_t, NumberFault> parse_time(std::string_view word) {
  constexpr std::uint64_t kLimit = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t total = 0;
  bool units = false;
  bool out_of_range = false;
  std::size_t position = 0;
  while (position < word.size() && is_digit(word[position])) {
    std::uint64_t number = 0;
    while (position < word.size() && is_digit(word[position])) {
      number = std::min(number * 10 + static_cast<std::uint64_t>(word[position] - '0'), kLimit + 1);
      ++position;
    }
    if (position < word.size()) {
      const std::uint64_t unit = seconds_in(lower(word[position]));
      if (unit == 0) {
        return std::unexpected(NumberFault::not_a_number);
      }
      number *= unit;
      units = true;
      ++position;
    } else if (units) {
      return std::unexpected(NumberFault::not_a_number);  // "1h30": thirty of what?
    }
    total += number;
    out_of_range = out_of_range || total > kLimit;
    total = std::min(total, kLimit);
  }
  if (position == 0 || position < word.size()) {
    return std::unexpected(NumberFault::not_a_number);
  }
  if (out_of_range) {
    return std::unexpected(NumberFault::out_of_range);
  }
  return static_cast<std::uint32_t>(total);
}

}  // namespace ronda::dnsupdate
