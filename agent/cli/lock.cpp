#include "agent/cli/lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ronda::agent {
namespace {

constexpr mode_t kMode = 0600;
constexpr std::size_t kContentLimit = 4096;

std::string because(const std::string& what, int error) {
  return what + ": " + std::generic_category().message(error);
}

// FNV-1a: stable across runs and builds, which std::hash does not promise.
std::string digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  std::array<char, 17> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(hash));
  return out.data();
}

std::filesystem::path shared_folder() {
  const std::filesystem::path preferred = "/run/lock";
  return ::access(preferred.c_str(), W_OK | X_OK) == 0 ? preferred : std::filesystem::path("/tmp");
}

std::string to_content(const LockHolder& holder) {
  if (holder.pid == 0) {
    return "";
  }
  std::string text = "pid " + std::to_string(holder.pid) + "\nconfig " + holder.config + "\n";
  if (holder.socket) {
    text += "socket " + holder.socket->string() + "\n";
  }
  return text;
}

LockHolder read_holder(int descriptor) {
  std::array<char, kContentLimit> buffer{};
  const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  std::string_view rest(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  LockHolder holder;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("pid ")) {
      std::from_chars(line.data() + 4, line.data() + line.size(), holder.pid);
    } else if (line.starts_with("config ")) {
      holder.config = line.substr(7);
    } else if (line.starts_with("socket ")) {
      holder.socket = std::filesystem::path(line.substr(7));
    }
  }
  return holder;
}

void write_holder(int descriptor, const LockHolder& holder) {
  const std::string text = to_content(holder);
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return;  // the lock holds without its note
  }
}

// Opened safely in a folder where others may write: no link followed, a plain file, our own.
std::expected<int, std::string> open_lock_file(const std::filesystem::path& path) {
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  const int descriptor = ::open(path.c_str(), flags, kMode);
  if (descriptor < 0) {
    return std::unexpected(because("cannot open the lock file " + path.string(), errno));
  }
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_uid != ::geteuid()) {
    ::close(descriptor);
    return std::unexpected("the lock file " + path.string() +
                           " belongs to another user: run ronda as that user, remove the file, or "
                           "set state_dir");
  }
  return descriptor;
}

std::string held_sentence(const LockHolder& holder, const std::filesystem::path& path) {
  std::string who = holder.pid > 0 ? "process " + std::to_string(holder.pid) : "another process";
  if (!holder.config.empty()) {
    who += " (ronda with " + holder.config + ")";
  }
  return who + " is at work on the same zone and holds the lock " + path.string() +
         ": wait for it, or stop it";
}

std::expected<int, LockRefusal> lock_one(const std::filesystem::path& path) {
  const auto descriptor = open_lock_file(path);
  if (!descriptor) {
    return std::unexpected(LockRefusal{.sentence = descriptor.error()});
  }
  if (::flock(*descriptor, LOCK_EX | LOCK_NB) == 0) {
    return *descriptor;
  }
  const int error = errno;
  LockRefusal refusal;
  if (error == EWOULDBLOCK) {
    refusal.holder = read_holder(*descriptor);
    refusal.sentence = held_sentence(*refusal.holder, path);
  } else {
    refusal.sentence = because("cannot lock " + path.string(), error);
  }
  ::close(*descriptor);
  return std::unexpected(refusal);
}

}  // namespace

std::vector<std::filesystem::path> lock_paths(const Config& config) {
  std::vector<std::filesystem::path> paths;
  if (config.state_dir) {
    paths.push_back(*config.state_dir / "lock");
    return paths;
  }
  const std::filesystem::path folder = shared_folder();
  for (const ZoneConfig& zone : config.zones) {
    const std::string key = zone.key ? zone.key->name.canonical_wire() : std::string();
    const std::string writer = zone.zone.canonical_wire() + '\n' + key + '\n';
    if (zone.primaries.empty()) {
      paths.push_back(folder / ("ronda-" + digest(writer) + ".lock"));
    }
    for (const net::HostPort& primary : zone.primaries) {
      const std::string port = std::to_string(primary.port.value_or(53));
      paths.push_back(folder / ("ronda-" + digest(writer + primary.host + '\n' + port) + ".lock"));
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

std::optional<LockHolder> lock_holder(const Config& config) {
  for (const std::filesystem::path& path : lock_paths(config)) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) {
      continue;
    }
    struct stat status{};
    const bool ours = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
                      (status.st_uid == ::geteuid() || ::geteuid() == 0);
    LockHolder holder = ours ? read_holder(descriptor) : LockHolder{};
    ::close(descriptor);
    if (holder.pid > 0) {
      return holder;
    }
  }
  return std::nullopt;
}

std::expected<Lock, LockRefusal> Lock::take(const Config& config) {
  if (config.state_dir) {
    std::error_code problem;
    std::filesystem::create_directories(*config.state_dir, problem);
    if (problem) {
      return std::unexpected(LockRefusal{.sentence = "cannot make state_dir " +
                                                     config.state_dir->string() + ": " +
                                                     problem.message()});
    }
  }
  Lock lock;
  lock.self_ = {.pid = ::getpid(), .config = std::filesystem::absolute(config.file).string()};
  for (const std::filesystem::path& path : lock_paths(config)) {
    const auto descriptor = lock_one(path);
    if (!descriptor) {
      return std::unexpected(descriptor.error());
    }
    lock.descriptors_.push_back(*descriptor);
    write_holder(*descriptor, lock.self_);
  }
  return lock;
}

Lock::Lock(Lock&& other) noexcept
    : descriptors_(std::exchange(other.descriptors_, {})), self_(std::move(other.self_)) {}

void Lock::publish_socket(const std::filesystem::path& socket) {
  self_.socket = std::filesystem::absolute(socket);
  for (const int descriptor : descriptors_) {
    write_holder(descriptor, self_);
  }
}

Lock::~Lock() {
  for (const int descriptor : descriptors_) {
    // The file stays: removing a lock file that another has open would make two locks of one.
    write_holder(descriptor, {});
    ::close(descriptor);
  }
}

}  // namespace ronda::agent
