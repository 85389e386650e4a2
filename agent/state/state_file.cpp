#include "agent/state/state_file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::agent {
namespace {

constexpr std::size_t kLimit = std::size_t{16} * 1024 * 1024;  // 10,000 probes take about 1 MiB

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::unexpected<std::string> failure(const char* what, const std::filesystem::path& path,
                                     int error) {
  std::string text = std::string("cannot ") + what + " " + path.string() + ": " + reason(error);
  if (error == ENOENT) {
    text += "; create the folder and give it to the user that ronda runs as";
  }
  if (error == EACCES || error == EPERM || error == EROFS) {
    text += "; state_dir must be writable by the user that ronda runs as";
  }
  if (error == ENOSPC || error == EDQUOT) {
    text += "; free some space, until then a restart starts without memory";
  }
  return std::unexpected(std::move(text));
}

// 0, or the errno of what failed.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::expected<std::string, std::string> read_all(int descriptor,
                                                 const std::filesystem::path& path) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ::ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return failure("read", path, errno);
    }
    if (count == 0) {
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kLimit) {
      return std::unexpected(path.string() +
                             " is not a state file: it is larger than 16 MiB; it is ignored");
    }
  }
}

// The new file in full and on disk under its temporary name.
std::expected<void, std::string> write_temporary(const std::filesystem::path& path,
                                                 std::string_view text) {
  const net::Descriptor file(::open(
      path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) {
    return failure("write", path, errno);
  }
  // One left behind by a crash may have other rights.
  if (::fchmod(file.get(), 0600) != 0) {
    return failure("protect", path, errno);
  }
  if (const int error = write_all(file.get(), text); error != 0) {
    return failure("write", path, error);
  }
  if (::fsync(file.get()) != 0) {
    return failure("write to disk", path, errno);
  }
  return {};
}

}  // namespace

std::filesystem::path state_path(const std::filesystem::path& state_dir) {
  return state_dir / "state.json";
}

std::expected<SavedState, std::string> load_state(const std::filesystem::path& state_dir,
                                                  net::WallTime now) {
  const std::filesystem::path path = state_path(state_dir);
  // Not blocking: a FIFO in its place must not hang the start.
  const net::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT) {
      return SavedState{};
    }
    return failure("read", path, errno);
  }
  struct ::stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return failure("read", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return std::unexpected(path.string() + " is not a regular file; it is ignored");
  }
  auto text = read_all(file.get(), path);
  if (!text) {
    return std::unexpected(std::move(text).error());
  }
  auto state = parse_state(*text, now);
  if (!state) {
    return std::unexpected(path.string() + " " + state.error());
  }
  return state;
}

std::expected<void, std::string> store_state(const std::filesystem::path& state_dir,
                                             const SavedState& state) {
  const std::filesystem::path path = state_path(state_dir);
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  if (auto written = write_temporary(temporary, to_json(state)); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return failure("replace", path, error);
  }
  const net::Descriptor folder(::open(state_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) {
    return failure("open", state_dir, errno);
  }
  if (::fsync(folder.get()) != 0) {
    return failure("write to disk", state_dir, errno);
  }
  return {};
}

}  // namespace ronda::agent
