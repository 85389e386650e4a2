// "did you mean": the nearest of the known words by edit distance (Damerau: a swap of neighbours is
// one edit). Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ronda::agent {

// The nearest word, unless none is near enough to be meant.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

// "; did you mean "interval"?", else "; known here: a, b, c", shortened when there are many. Empty
// when nothing is known.
std::string suggest(std::string_view word, std::span<const std::string_view> known);

}  // namespace ronda::agent
