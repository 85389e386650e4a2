#include "agent/config/files.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::agent {
namespace {

std::string cause(int error) {
  return std::generic_category().message(error);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

std::expected<FileText, std::string> read_file(const std::filesystem::path& file, std::size_t limit,
                                               FileKind kind) {
  // Opening a pipe that nobody writes to would wait for ever.
  const int flags = O_RDONLY | O_CLOEXEC | (kind == FileKind::regular ? O_NONBLOCK : 0);
  const net::Descriptor descriptor(::open(file.c_str(), flags));
  if (!descriptor) {
    return std::unexpected(cause(errno));
  }
  struct ::stat status{};
  if (::fstat(descriptor.get(), &status) != 0) {
    return std::unexpected(cause(errno));
  }
  FileText read;
  read.mode = status.st_mode & 07777U;
  if (kind == FileKind::regular && !S_ISREG(status.st_mode)) {
    return std::unexpected(S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file");
  }
  std::array<char, 65536> buffer{};
  while (true) {
    const ::ssize_t got = ::read(descriptor.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return std::unexpected(cause(errno));
    }
    if (got == 0) {
      return read;
    }
    read.text.append(buffer.data(), static_cast<std::size_t>(got));
    if (read.text.size() > limit) {
      return std::unexpected("larger than " + std::to_string(limit / 1024) + " KiB");
    }
  }
}

Folders Folders::of(const std::filesystem::path& config_file) {
  Folders folders;
  std::error_code error;
  const auto absolute = std::filesystem::absolute(config_file, error);
  folders.beside = (error ? config_file : absolute).parent_path();
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
      credentials != nullptr && *credentials != '\0') {
    folders.credentials = credentials;
  }
  return folders;
}

std::filesystem::path Folders::resolve(const std::string& path) const {
  return (beside / path).lexically_normal();
}

std::filesystem::path Folders::resolve_secret(const std::string& path) const {
  auto found = resolve(path);
  if (credentials && std::filesystem::path(path).is_relative() && !is_there(found)) {
    auto credential = (*credentials / path).lexically_normal();
    if (is_there(credential)) {
      return credential;
    }
  }
  return found;
}

}  // namespace ronda::agent
