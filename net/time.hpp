// Points in time and durations as every room of ronda uses them, and their text forms. Pure:
// nothing here reads a clock; time is handed in by whoever owns the loop.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace ronda::net {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Reads "250ms", "10s", "5m", "2h", "14d" and sums such as "1m30s"; decimals are allowed ("1.5s").
// The error is a sentence without a place, fit to follow "key: ".
std::expected<Duration, std::string> parse_duration(std::string_view text);

// The shortest exact form that parse_duration reads back: "1m30s", "250ms", "0s".
std::string format_duration(Duration duration);

// RFC 3339 in UTC with whole seconds: "2026-01-01T00:00:00Z".
std::string format_rfc3339(WallTime time);

double to_seconds(Duration duration);

}  // namespace ronda::net
