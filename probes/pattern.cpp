#include "probes/pattern.hpp"

#include <algorithm>

#include <re2/re2.h>

namespace ronda::probes {

namespace {

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(2 << 20);
  return options;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// "{3}", "{0,200}": the first counted repetition; empty: there is none. Not "\\{", not "\\x{41}".
std::string_view counted_repetition(std::string_view expression) {
  for (std::size_t at = 0; at < expression.size(); ++at) {
    if (expression[at] == '\\') {
      ++at;
      const bool takes_braces =
          at < expression.size() &&
          std::string_view("xpP").find(expression[at]) != std::string_view::npos &&
          expression.substr(at + 1).starts_with('{');
      at = takes_braces ? std::min(expression.find('}', at), expression.size()) : at;
    } else if (expression[at] == '{') {
      const std::string_view inside =
          expression.substr(at + 1, expression.find('}', at) - std::min(at + 1, expression.size()));
      if (!inside.empty() && inside.find_first_not_of("0123456789,") == std::string_view::npos) {
        return expression.substr(at, inside.size() + 2);
      }
    }
  }
  return {};
}

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) : re(expression, options()) {}

  std::optional<Span> leftmost(std::string_view text, std::size_t from, std::size_t to) const {
    const re2::StringPiece piece(text.data(), text.size());
    re2::StringPiece match;
    if (!re.ok() || !re.Match(piece, from, to, RE2::UNANCHORED, &match, 1)) {
      return std::nullopt;
    }
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    return Span{.begin = begin, .end = begin + match.size()};
  }

  RE2 re;
  bool at_front = false;  // begins with \A
};

Pattern::Pattern(const std::string& expression, Lines lines)
    : compiled_(
          std::make_unique<Compiled>(lines == Lines::apart ? "(?m)" + expression : expression)) {
  compiled_->at_front = expression.starts_with("\\A");
}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::string Pattern::problem() const {
  return compiled_->re.ok() ? std::string() : compiled_->re.error();
}

// Within "x.{0,200}y" every x may begin a match: as many states as there are ways to put x's into
// 200 octets. When they do not fit into its memory, RE2 goes step by step through all instructions
// of the pattern for each octet, at some 8 ns a step: 28 instructions on 64 KiB are 15 ms. It takes
// as many instructions as octets to remember, which nobody writes but by counted repetition: of a
// long word or a list of words the states are few.
std::string Pattern::slowness(std::size_t octets) const {
  constexpr std::size_t kMostSteps = std::size_t{28} * 64 * 1024;
  const std::string_view counted = counted_repetition(compiled_->re.pattern());
  const auto size = static_cast<std::size_t>(std::max(compiled_->re.ProgramSize(), 0));
  if (counted.empty() || size * octets <= kMostSteps) {
    return {};
  }
  return "may take too long on " + std::to_string(octets) + " octets: write * or + in place of " +
         std::string(counted);
}

std::optional<std::size_t> Pattern::match_end(std::string_view text) const {
  return match_end({.text = text, .to = text.size()});
}

std::optional<std::size_t> Pattern::match_end(const Stretch& stretch) const {
  // RE2 takes octets before `from` for text that \A does not begin.
  const std::size_t hidden = compiled_->at_front ? stretch.from : 0;
  const std::string_view text = stretch.text.substr(hidden);
  const auto match = compiled_->leftmost(text, stretch.from - hidden, stretch.to - hidden);
  if (!match) {
    return std::nullopt;
  }
  if (!stretch.open || match->end < text.size()) {
    return match->end + hidden;
  }
  // No line ends before either of these octets, and a word before one of them only. Whatever
  // matches before NUL matches at the end of the text, so there is nothing to be found further
  // left.
  const std::size_t before = std::min<std::size_t>(match->begin, 1);
  const std::size_t left = match->begin - before;
  std::string longer(text.substr(left));
  const std::size_t to = longer.size();
  longer.push_back('\0');
  const auto no_word = compiled_->leftmost(longer, before, to);
  longer.back() = 'x';
  const auto in_word = compiled_->leftmost(longer, before, to);
  const bool sure = no_word && in_word && no_word->end == in_word->end;
  return sure ? std::optional(no_word->end + left + hidden) : std::nullopt;
}

}  // namespace ronda::probes
