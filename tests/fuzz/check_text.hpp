// The first part of an input as a check: "kind smtp", then a line for each key as the config has
// it, up to an empty line. Values go through the table of kinds, so that what is refused there is
// refused here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "probes/check.hpp"

namespace ronda::fuzz {

struct CheckInput {
  probes::CheckSpec check{};
  std::string_view rest{};  // behind the empty line
};

// Nothing when it is no check, or one that no config may have.
std::optional<CheckInput> read_check(std::span<const std::byte> input);

// Up to the next line end, which is taken off, too.
std::string_view take_line(std::string_view& rest);

// A promise that the code under test makes.
void require(bool promise);
// What is told about any probe: at most 200 bytes, printable.
void require_shown(std::string_view detail);

}  // namespace ronda::fuzz
