#include "probes/value_shapes.hpp"

#include <algorithm>
#include <string>

#include "probes/credentials.hpp"
#include "probes/pattern.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

bool is_visible(char byte) {
  return byte > 0x20 && byte < 0x7f;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::expected<void, std::string> check_pattern(const std::string& text) {
  const std::string problem = Pattern(text).problem();
  if (!problem.empty()) {
    return std::unexpected(in_quotes(text) + " is not a pattern RE2 understands: " + problem);
  }
  return {};
}

std::string in_quotes(std::string_view text) {
  return "\"" + printable(without_credentials(std::string(text)), 80) + "\"";
}

}  // namespace ronda::probes
