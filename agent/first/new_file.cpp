#include "agent/first/new_file.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::agent {
namespace {

std::string why(const std::filesystem::path& file, int error) {
  if (error == EEXIST) {
    return file.string() + " is there already and is never overwritten: name another with -o FILE";
  }
  return file.string() + " cannot be written: " + std::strerror(error);
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0 || errno == EINVAL;
}

}  // namespace

std::expected<void, std::string> may_write_new(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::symlink_status(file, ignored).type() !=
      std::filesystem::file_type::not_found) {
    return std::unexpected(why(file, EEXIST));
  }
  return {};
}

std::expected<void, std::string> write_new(const std::filesystem::path& file,
                                           std::string_view text) {
  const net::Descriptor descriptor(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (descriptor.get() < 0) {
    return std::unexpected(why(file, errno));
  }
  if (!write_all(descriptor.get(), text)) {
    const int error = errno;
    ::unlink(file.c_str());
    return std::unexpected(why(file, error));
  }
  return {};
}

}  // namespace ronda::agent
