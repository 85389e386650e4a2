#include "agent/ops/control_socket.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace ronda::agent {
namespace {

std::string because(const std::string& what, int error) {
  return what + ": " + std::generic_category().message(error);
}

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) {
    return std::nullopt;
  }
  std::strcpy(address.sun_path, path.c_str());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// The error, if what stands at `path` must not be replaced.
std::optional<std::string> clear_stale(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  if (!S_ISSOCK(status.st_mode)) {
    return path.string() +
           " exists and is not a socket: remove it or choose another control.socket";
  }
  if (control_socket_answers(path)) {
    return "another ronda run answers on " + path.string() +
           ": stop it, or give this one its own control.socket";
  }
  if (::unlink(path.c_str()) != 0) {
    return because("the stale socket " + path.string() + " cannot be removed", errno);
  }
  return std::nullopt;
}

}  // namespace

int control_socket_error(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) {
    return ENAMETOOLONG;
  }
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) {
    return errno;
  }
  const int result = ::connect(descriptor, generic(*address), sizeof(*address));
  const int error = result == 0 ? 0 : errno;
  ::close(descriptor);
  return error;
}

bool control_socket_answers(const std::filesystem::path& path) {
  const int error = control_socket_error(path);
  return error == 0 || error == EAGAIN;
}

std::expected<ControlSocket, std::string> ControlSocket::listen(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) {
    return std::unexpected(
        "the socket path " + path.string() +
        " is longer than the 107 octets the kernel allows: choose a shorter one");
  }
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  if (auto problem = clear_stale(path)) {
    return std::unexpected(*problem);
  }
  ControlSocket made;
  made.descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.descriptor_ < 0) {
    return std::unexpected(because("no socket for " + path.string(), errno));
  }
  // Linux takes the file's mode from the socket's, less the umask: at no moment is it wider than
  // this.
  constexpr mode_t kMode = 0660;
  ::fchmod(made.descriptor_, kMode);
  if (::bind(made.descriptor_, generic(*address), sizeof(*address)) != 0) {
    return std::unexpected(because("cannot make the control socket " + path.string(), errno));
  }
  made.path_ = path;
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    made.device_ = status.st_dev;
    made.inode_ = status.st_ino;
  }
  constexpr int kBacklog = 64;
  if (::chmod(path.c_str(), kMode) != 0 || ::listen(made.descriptor_, kBacklog) != 0) {
    return std::unexpected(because("cannot listen on " + path.string(), errno));
  }
  return made;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      device_(other.device_),
      inode_(other.inode_) {}

int ControlSocket::release() {
  return std::exchange(descriptor_, -1);
}

ControlSocket::~ControlSocket() {
  struct stat status{};
  if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace ronda::agent
