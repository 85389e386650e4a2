// A regular expression over bytes from the network. RE2, so its time is linear in the text whatever
// the pattern; how steep, slowness() tells. Bytes are taken as Latin-1: a pattern matches any octet
// and never stumbles over broken UTF-8. The only file that knows RE2.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ronda::probes {

// A part of what a stream has brought so far. No match has octets from outside of it, but ^, $ and
// \b see what stands there.
struct Stretch {
  std::string_view text{};
  std::size_t from = 0;
  std::size_t to = 0;
  bool open = false;  // behind the text more may come
};

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
  // The same in a stretch, as an offset in its text. A match that another octet behind an open text
  // could undo is none yet: what matches never depends on the pieces a stream comes in. \A at the
  // pattern's front is where the stretch begins.
  bool matches(const Stretch& stretch) const { return match_end(stretch).has_value(); }
  std::optional<std::size_t> match_end(const Stretch& stretch) const;
  // Why it may hold the loop for too long when somebody writes `octets` octets with that in mind,
  // as a sentence with the cure; empty when it cannot.
  std::string slowness(std::size_t octets) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace ronda::probes
