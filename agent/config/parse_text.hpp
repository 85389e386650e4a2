// From a JSON text (RFC 8259, comments allowed) to a tree of nodes, bounded in depth and size.
// Finds duplicate keys, which JSON libraries swallow.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include "agent/config/node.hpp"

namespace ronda::agent {

struct ParsedText {
  Node root{};
  std::vector<Finding> duplicates{};  // keys that stand twice in one object
};

inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxTextSize = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t kMaxValues = 4'000'000;

// A text that is no JSON yields the first error with its place and a sentence.
std::expected<ParsedText, Finding> parse_text(std::string_view text);

}  // namespace ronda::agent
