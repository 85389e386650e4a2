#include "agent/run/glob.hpp"

#include <cstddef>

namespace ronda::agent {

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;     // in pattern
  std::size_t place = 0;  // in text
  // Where to go on when what follows the last star does not fit: one octet later.
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (place < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      retry = place;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[place])) {
      ++at;
      ++place;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      place = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace ronda::agent
