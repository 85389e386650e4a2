#include "net/time.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>

namespace ronda::net {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array kUnits{Unit{"d", 86'400'000'000'000},
                            Unit{"h", 3'600'000'000'000},
                            Unit{"m", 60'000'000'000},
                            Unit{"s", 1'000'000'000},
                            Unit{"ms", 1'000'000},
                            Unit{"us", 1'000},
                            Unit{"ns", 1}};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_while(std::string_view& rest, bool (*wanted)(char)) {
  std::size_t length = 0;
  while (length < rest.size() && wanted(rest[length])) {
    ++length;
  }
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(length);
  return taken;
}

// a * b + c, or nothing when it does not fit.
std::optional<std::int64_t> multiply_add(std::int64_t a, std::int64_t b, std::int64_t c) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result) || __builtin_add_overflow(result, c, &result)) {
    return std::nullopt;
  }
  return result;
}

std::optional<std::int64_t> to_number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    const auto next = multiply_add(value, 10, digit - '0');
    if (!next) {
      return std::nullopt;
    }
    value = *next;
  }
  return value;
}

// The part behind the point in nanoseconds; nothing when it is not a whole number of them.
std::optional<std::int64_t> to_fraction(std::string_view digits, std::int64_t unit) {
  while (digits.ends_with('0')) {
    digits.remove_suffix(1);
  }
  // A day is 8.64 * 10^13 ns: 16 digits (2^14 * 5^11 divides it) are more than any exact value has.
  if (digits.size() > 16) {
    return std::nullopt;
  }
  __extension__ using Wide = __int128;
  Wide numerator = 0;
  Wide denominator = 1;
  for (const char digit : digits) {
    numerator = numerator * 10 + (digit - '0');
    denominator *= 10;
  }
  numerator *= unit;
  if (numerator % denominator != 0) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(numerator / denominator);
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, 40)) + "\"";
}

void append_decimal(std::string& out, std::int64_t nanoseconds, const Unit& unit) {
  out += std::to_string(nanoseconds / unit.nanoseconds);
  std::int64_t rest = nanoseconds % unit.nanoseconds;
  if (rest != 0) {
    out += '.';
    for (std::int64_t place = unit.nanoseconds / 10; rest != 0; place /= 10) {
      out += static_cast<char>('0' + rest / place);
      rest %= place;
    }
  }
  out += unit.name;
}

}  // namespace

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  const std::string_view whole = text;
  const std::string example = ", write a number and a unit such as \"10s\", \"250ms\" or \"1m30s\"";
  if (text.empty()) {
    return std::unexpected("an empty duration" + example);
  }
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const std::string_view digits = take_while(text, is_digit);
    std::string_view decimals;
    if (!digits.empty() && text.starts_with('.')) {
      text.remove_prefix(1);
      decimals = take_while(text, is_digit);
      if (decimals.empty()) {
        return std::unexpected(quoted(whole) + " has no digit after the point" + example);
      }
    }
    if (digits.empty()) {
      return std::unexpected(quoted(whole) + " is not a duration" + example);
    }
    const std::string_view name = take_while(text, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.empty()) {
      return std::unexpected(quoted(whole) + " has no unit" + example);
    }
    std::size_t index = next_unit;
    while (index < kUnits.size() && kUnits.at(index).name != name) {
      ++index;
    }
    if (index == kUnits.size()) {
      return std::unexpected(
          quoted(whole) + " has the unit " + quoted(name) +
          " where one of d, h, m, s, ms, us or ns is expected, larger ones first");
    }
    next_unit = index + 1;
    const std::int64_t unit = kUnits.at(index).nanoseconds;
    const auto number = to_number(digits);
    const auto fraction = to_fraction(decimals, unit);
    if (!fraction) {
      return std::unexpected(quoted(whole) + " is finer than a nanosecond");
    }
    auto part = number ? multiply_add(*number, unit, *fraction) : std::nullopt;
    part = part ? multiply_add(total, 1, *part) : std::nullopt;
    if (!part) {
      return std::unexpected(quoted(whole) + " is longer than 292 years");
    }
    total = *part;
  }
  return Duration(total);
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) {
    return "0s";
  }
  if (rest == std::numeric_limits<std::int64_t>::min()) {
    ++rest;
  }
  std::string out;
  if (rest < 0) {
    out = "-";
    rest = -rest;
  }
  for (const Unit& unit : kUnits) {
    if (unit.nanoseconds > kUnits.at(3).nanoseconds) {
      if (rest >= unit.nanoseconds) {
        out += std::to_string(rest / unit.nanoseconds);
        out += unit.name;
        rest %= unit.nanoseconds;
      }
    } else if (rest >= unit.nanoseconds) {
      append_decimal(out, rest, unit);
      break;
    }
  }
  return out;
}

std::string format_rfc3339(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  const std::time_t stamp = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (::gmtime_r(&stamp, &parts) == nullptr) {
    return "0000-00-00T00:00:00Z";
  }
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace ronda::net
