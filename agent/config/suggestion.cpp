#include "agent/config/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ronda::agent {
namespace {

constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kListed = 48;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLongestWord) {
    return std::nullopt;
  }
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::optional<std::string_view> found;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongestWord) {
      continue;
    }
    const bool shortened = word.size() >= 3 && candidate.starts_with(word);
    const std::size_t edits = shortened ? 1 : distance(word, candidate);
    if (edits < best && edits < candidate.size()) {
      best = edits;
      found = candidate;
    }
  }
  return found;
}

std::string suggest(std::string_view word, std::span<const std::string_view> known) {
  if (const auto found = nearest(word, known)) {
    return "; did you mean \"" + std::string(*found) + "\"?";
  }
  if (known.empty()) {
    return "";
  }
  std::string sentence = "; known here: ";
  for (std::size_t i = 0; i < known.size() && i < kListed; ++i) {
    sentence += (i == 0 ? "" : ", ") + std::string(known[i]);
  }
  return sentence + (known.size() > kListed ? " ..." : "");
}

}  // namespace ronda::agent
