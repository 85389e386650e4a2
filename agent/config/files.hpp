// The files a config leads to: reading them whole and bounded, and finding them beside the config
// or in systemd's credentials folder. Blocks; not for the loop's thread.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

namespace ronda::agent {

struct FileText {
  std::string text{};
  unsigned mode = 0;  // permission bits
};

enum class FileKind { any, regular };

// The error is the cause alone: "No such file or directory".
std::expected<FileText, std::string> read_file(const std::filesystem::path& file, std::size_t limit,
                                               FileKind kind);

// Where relative paths of one config start from.
struct Folders {
  std::filesystem::path beside{};                      // the config's own, absolute
  std::optional<std::filesystem::path> credentials{};  // $CREDENTIALS_DIRECTORY

  static Folders of(const std::filesystem::path& config_file);
  std::filesystem::path resolve(const std::string& path) const;
  // As resolve(), but in the credentials folder when it is only there.
  std::filesystem::path resolve_secret(const std::string& path) const;
};

}  // namespace ronda::agent
