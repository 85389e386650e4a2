// A folder of its own for one test, readable by servers that drop their privileges, gone with the
// object. Not a place for anything that must outlive the test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ronda::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  // Writes the whole file with exactly these permissions; makes the folders above it.
  std::filesystem::path write(std::string_view name, std::string_view text,
                              std::filesystem::perms mode = std::filesystem::perms(0644)) const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);  // "" when it cannot be read

}  // namespace ronda::test
