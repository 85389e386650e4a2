// One number out of a JSON text (RFC 8259), found by a pointer (RFC 6901): all that a load report
// needs of it. The text must be well-formed; the work grows with its length, the memory with its
// depth alone. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace ronda::probes {

// "" is the whole text. A number in a string counts, as many reports write it so. The error is a
// sentence.
std::expected<double, std::string> find_json_number(std::string_view text,
                                                    std::string_view pointer);

// A pointer is empty or begins with "/"; "~" stands only in ~0 and ~1.
bool is_json_pointer(std::string_view text);

// A number standing alone, blanks around it allowed.
std::expected<double, std::string> parse_plain_number(std::string_view text);

}  // namespace ronda::probes
