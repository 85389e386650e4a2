// A file that must not be there yet, whole or not at all. Blocks; not for the loop's thread.
#pragma once

#include <expected>
#include <filesystem>
#include <string_view>

namespace ronda::agent {

// The error is a sentence. What is there already is never touched.
std::expected<void, std::string> may_write_new(const std::filesystem::path& file);
std::expected<void, std::string> write_new(const std::filesystem::path& file,
                                           std::string_view text);

}  // namespace ronda::agent
