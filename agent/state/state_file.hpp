// What survives a restart: the state of each probe and the addresses we manage, as one JSON file in
// state_dir, written atomically (temporary file, fsync, rename, fsync of the folder), versioned.
// The zone stays the truth about what is published; a missing, broken, stale or future-dated file
// is said and costs memory only, never records.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "agent/health/tracker.hpp"
#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent {

struct SavedProbe {
  HealthState state = HealthState::init;
  net::WallTime since{};
  bool drained = false;
  friend bool operator==(const SavedProbe&, const SavedProbe&) = default;
};

struct SavedState {
  net::WallTime saved_at{};
  std::map<std::string, SavedProbe> probes{};                 // by probe_key
  std::map<std::string, std::set<net::IpAddress>> managed{};  // service id -> addresses we manage
  friend bool operator==(const SavedState&, const SavedState&) = default;
};

std::string to_json(const SavedState& state);
// The error is a sentence. `now` refuses a file dated in the future.
std::expected<SavedState, std::string> parse_state(std::string_view text, net::WallTime now);

std::filesystem::path state_path(const std::filesystem::path& state_dir);  // state_dir/state.json
// Both block: run them before the loop or in the worker. A missing file is an empty state.
std::expected<SavedState, std::string> load_state(const std::filesystem::path& state_dir,
                                                  net::WallTime now);
std::expected<void, std::string> store_state(const std::filesystem::path& state_dir,
                                             const SavedState& state);

}  // namespace ronda::agent
