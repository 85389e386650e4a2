// A small file read in a thread of its own: a disk that does not answer holds neither the loop nor
// the end of the program. Regular files only, bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "net/loop.hpp"

namespace ronda::net {

struct FileContent {
  std::string text{};
  WallTime modified{};
  std::uint64_t inode = 0;  // another file may have taken its name
};
// The error is a sentence without the path.
using FileOutcome = std::expected<FileContent, std::string>;

// Calls back once, never inside this call; dropping the handle abandons the thread where it is.
[[nodiscard]] Handle read_apart(Loop& loop, std::string path, std::size_t limit,
                                std::function<void(FileOutcome)> on_done);

}  // namespace ronda::net
