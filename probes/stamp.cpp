#include "probes/stamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>

#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr double kLongestAhead = 1e11;  // seconds: the year 5138

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Digits only, all of them.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return plain && !text.empty() && error == std::errc() && end == text.data() + text.size()
             ? std::optional(value)
             : std::nullopt;
}

struct Fields {
  std::optional<int> year{};
  std::optional<int> month{};
  std::optional<int> day{};
  std::optional<int> hour{};
  std::optional<int> minute{};
  std::optional<int> second{};
};

std::optional<double> seconds_of(const Fields& f) {
  if (!f.year || !f.month || !f.day || !f.hour || !f.minute || !f.second) {
    return std::nullopt;
  }
  const auto date = std::chrono::year(*f.year) /
                    std::chrono::month(static_cast<unsigned>(*f.month)) /
                    std::chrono::day(static_cast<unsigned>(*f.day));
  if (!date.ok() || *f.hour > 23 || *f.minute > 59 || *f.second > 60) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return 86400.0 * static_cast<double>(days) + 3600.0 * *f.hour + 60.0 * *f.minute + *f.second;
}

// ".25" as 0.25; nothing is no fraction.
std::optional<double> fraction(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const std::string number = "0" + std::string(text);
  double value = 0;
  const bool plain = text.size() > 1 && text.size() < 20 && text.front() == '.' &&
                     text.find_first_not_of("0123456789", 1) == std::string_view::npos;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return plain && error == std::errc() ? std::optional(value) : std::nullopt;
}

// "+01:00" in seconds.
std::optional<double> offset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const auto hours = digits(text.substr(1, 2));
  const auto minutes = digits(text.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return (text[0] == '-' ? -1 : 1) * (3600.0 * *hours + 60.0 * *minutes);
}

std::optional<double> rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      std::string_view("Tt ").find(text[10]) == std::string_view::npos) {
    return std::nullopt;
  }
  const auto whole = seconds_of({digits(text.substr(0, 4)), digits(text.substr(5, 2)),
                                 digits(text.substr(8, 2)), digits(text.substr(11, 2)),
                                 digits(text.substr(14, 2)), digits(text.substr(17, 2))});
  const std::string_view rest = text.substr(19);
  const auto zone = std::min(rest.find_first_of("Zz+-"), rest.size());
  const auto part = fraction(rest.substr(0, zone));
  const auto ahead = offset(rest.substr(zone));
  return whole && part && ahead ? std::optional(*whole + *part - *ahead) : std::nullopt;
}

std::optional<int> month(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kMonths, name);
  return found == kMonths.end() ? std::nullopt
                                : std::optional(static_cast<int>(found - kMonths.begin()) + 1);
}

// "00:00:00" of that day.
std::optional<double> on_day(std::optional<int> year, std::optional<int> month_of_year,
                             std::optional<int> day, std::string_view clock) {
  if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') {
    return std::nullopt;
  }
  return seconds_of({year, month_of_year, day, digits(clock.substr(0, 2)),
                     digits(clock.substr(3, 2)), digits(clock.substr(6, 2))});
}

// "Thu Jan  1 00:00:00 2026"
std::optional<double> asctime_date(std::string_view text) {
  if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ') {
    return std::nullopt;
  }
  const std::string_view day = text.substr(text[8] == ' ' ? 9 : 8, text[8] == ' ' ? 1 : 2);
  return on_day(digits(text.substr(20)), month(text.substr(4, 3)), digits(day), text.substr(11, 8));
}

// The form that servers send and the two they once sent (RFC 9110 5.6.7).
std::optional<double> http_date(std::string_view text) {
  constexpr std::string_view kZone = " GMT";
  if (!text.ends_with(kZone)) {
    return asctime_date(text);
  }
  text.remove_suffix(kZone.size());
  const auto comma = text.find(", ");
  if (comma == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(comma + 2);
  const std::optional<int> day = digits(text.substr(0, 2));
  if (comma == 3 && text.size() == 20 && text[2] == ' ' && text[6] == ' ' && text[11] == ' ') {
    return on_day(digits(text.substr(7, 4)), month(text.substr(3, 3)), day, text.substr(12));
  }
  if (comma >= 6 && text.size() == 18 && text[2] == '-' && text[6] == '-' && text[9] == ' ') {
    // Of years that end alike the one that is no half century ahead.
    const std::optional<int> year = digits(text.substr(7, 2));
    return on_day(year ? std::optional(*year + (*year < 70 ? 2000 : 1900)) : std::nullopt,
                  month(text.substr(3, 3)), day, text.substr(10));
  }
  return std::nullopt;
}

std::optional<double> unix_seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value < kLongestAhead ? std::optional(value) : std::nullopt;
}

// Up to where a double still tells neighbours apart.
std::optional<double> integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value <= (std::uint64_t{1} << 53U) ? std::optional(static_cast<double>(value))
                                                     : std::nullopt;
}

std::expected<double, std::string> told(std::optional<double> value, std::string_view form,
                                        std::string_view text) {
  if (!value) {
    return std::unexpected("expected " + std::string(form) + ", got " +
                           (text.empty() ? "nothing" : "\"" + printable(text, 60) + "\""));
  }
  return *value;
}

}  // namespace

std::expected<double, std::string> parse_stamp(std::string_view text, StampFormat format) {
  const std::string_view word = trimmed(text);
  switch (format) {
    case StampFormat::unix_seconds:
      return told(unix_seconds(word), "seconds since 1970", text);
    case StampFormat::rfc3339:
      return told(rfc3339(word), "a time such as 2026-01-01T00:00:00Z", text);
    case StampFormat::http:
      return told(http_date(word), "a time such as Thu, 01 Jan 2026 00:00:00 GMT", text);
    case StampFormat::integer:
      break;
  }
  return told(integer(word), "a whole number", text);
}

std::expected<double, std::string> parse_mdtm(std::string_view text) {
  std::optional<double> value;
  if (text.size() >= 14) {
    const auto whole = seconds_of({digits(text.substr(0, 4)), digits(text.substr(4, 2)),
                                   digits(text.substr(6, 2)), digits(text.substr(8, 2)),
                                   digits(text.substr(10, 2)), digits(text.substr(12, 2))});
    const auto part = fraction(text.substr(14));
    value = whole && part ? std::optional(*whole + *part) : std::nullopt;
  }
  return told(value, "a time such as 20260101000000", text);
}

}  // namespace ronda::probes
