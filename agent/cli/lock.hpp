// One ronda at a time writes a zone with one key: an advisory lock in state_dir, else one per zone,
// key and primary in /run/lock or /tmp. The file says who holds it and where that process can be
// asked. Reads and writes files, so it is taken before the loop runs.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "agent/config/config.hpp"

namespace ronda::agent {

// What a holder writes about itself.
struct LockHolder {
  pid_t pid = 0;
  std::string config{};                           // absolute path
  std::optional<std::filesystem::path> socket{};  // a daemon's control socket
};

struct LockRefusal {
  std::string sentence{};
  std::optional<LockHolder> holder{};  // set: somebody has it; unset: the file cannot be used
};

class Lock {
 public:
  // Takes every lock the config needs, in a fixed order, or none.
  static std::expected<Lock, LockRefusal> take(const Config& config);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&&) = delete;
  ~Lock();

  void publish_socket(const std::filesystem::path& socket);

 private:
  Lock() = default;
  std::vector<int> descriptors_{};
  LockHolder self_{};
};

std::vector<std::filesystem::path> lock_paths(const Config& config);
// Who says to hold the config's locks, without trying to take them.
std::optional<LockHolder> lock_holder(const Config& config);

}  // namespace ronda::agent
