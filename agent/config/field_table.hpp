// The keys of every object of the config as tables: name, shapes, bounds, words, and whether the
// feature behind a key exists in this version. The whole contract stands here, built or not; check
// objects get their keys from the table of kinds.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace ronda::agent {

// Shapes a value may take; a key may allow several.
inline constexpr unsigned kText = 1;
inline constexpr unsigned kFlag = 2;
inline constexpr unsigned kInteger = 4;
inline constexpr unsigned kDuration = 8;
inline constexpr unsigned kList = 16;
inline constexpr unsigned kObject = 32;
inline constexpr unsigned kNumber = 64;  // whole or with a fraction

struct Word {
  std::string_view text{};
  std::string_view without{};  // not built yet when set: what happens without it
};

struct Key {
  std::string_view name{};
  unsigned shapes = kText;
  bool required = false;
  std::string_view without{};     // not built yet when set: what happens without it
  std::span<const Word> words{};  // a text must be one of these
  std::int64_t low = 0;           // of an integer
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  bool zero_duration = false;  // otherwise durations begin at 10ms
  std::string_view form{};     // what to write, where its shapes do not tell
};

std::span<const Key> top_keys();
std::span<const Key> zone_keys();
std::span<const Key> zone_tls_keys();
std::span<const Key> default_keys();
std::span<const Key> service_keys();
std::span<const Key> replica_keys();
std::span<const Key> control_keys();
std::span<const Key> report_keys();                     // the reader's own keys of every load
std::span<const Key> load_keys(std::string_view type);  // ... and those of one type of load
std::span<const Key> mark_keys();
std::span<const Key> freshness_keys();
std::span<const Key> check_keys();  // the reader's own keys of every check

}  // namespace ronda::agent
