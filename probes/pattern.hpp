// A regular expression over bytes from the network. RE2, so its time is linear in the text whatever
// the pattern. Bytes are taken as Latin-1: a pattern matches any octet and never stumbles over
// broken UTF-8. The only file that knows RE2.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ronda::probes {

class Pattern {
 public:
  enum class Lines : unsigned char { together, apart };  // apart: ^ and $ match at every line
  explicit Pattern(const std::string& expression, Lines lines = Lines::together);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  // Why the expression cannot be used, as a sentence; empty when it can. A bad one matches nothing.
  std::string problem() const;
  bool matches(std::string_view text) const { return match_end(text).has_value(); }
  // Where the leftmost match ends.
  std::optional<std::size_t> match_end(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace ronda::probes
