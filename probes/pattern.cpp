#include "probes/pattern.hpp"

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

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) : re(expression, options()) {}
  RE2 re;
};

Pattern::Pattern(const std::string& expression, Lines lines)
    : compiled_(
          std::make_unique<Compiled>(lines == Lines::apart ? "(?m)" + expression : expression)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::string Pattern::problem() const {
  return compiled_->re.ok() ? std::string() : compiled_->re.error();
}

std::optional<std::size_t> Pattern::match_end(std::string_view text) const {
  if (!compiled_->re.ok()) {
    return std::nullopt;
  }
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece match;
  if (!compiled_->re.Match(piece, 0, text.size(), RE2::UNANCHORED, &match, 1)) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(match.data() - text.data()) + match.size();
}

}  // namespace ronda::probes
