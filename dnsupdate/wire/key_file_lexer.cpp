#include "dnsupdate/wire/key_file_lexer.hpp"

#include <algorithm>

namespace ronda::dnsupdate {
namespace {

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

bool is_sign(char letter) {
  return letter == '{' || letter == '}' || letter == ';';
}

}  // namespace

std::string at_line(std::size_t line, std::string_view what) {
  return "line " + std::to_string(line) + ": " + std::string(what);
}

std::expected<KeyFileToken, std::string> KeyFileLexer::next() {
  if (const auto skipped = skip_blanks_and_comments(); !skipped) {
    return std::unexpected(skipped.error());
  }
  if (position_ >= text_.size()) {
    return KeyFileToken{KeyFileToken::Kind::end, {}, line_};
  }
  const char first = text_[position_];
  if (first == '"') {
    return quoted();
  }
  if (is_sign(first)) {
    return KeyFileToken{KeyFileToken::Kind::sign, text_.substr(position_++, 1), line_};
  }
  // A comment begins a word, never stands inside one: "//" is also Base64.
  const std::size_t start = position_;
  while (position_ < text_.size() && !is_blank(text_[position_]) && !is_sign(text_[position_]) &&
         text_[position_] != '"') {
    ++position_;
  }
  return KeyFileToken{KeyFileToken::Kind::word, text_.substr(start, position_ - start), line_};
}

std::expected<void, std::string> KeyFileLexer::skip_blanks_and_comments() {
  while (position_ < text_.size()) {
    const std::string_view rest = text_.substr(position_);
    if (is_blank(rest[0])) {
      line_ += rest[0] == '\n' ? 1u : 0u;
      ++position_;
    } else if (rest[0] == '#' || rest.starts_with("//")) {
      position_ += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = rest.find("*/", 2);
      if (end == std::string_view::npos) {
        return std::unexpected(at_line(line_, "the comment has no end; close it with */"));
      }
      line_ += static_cast<std::size_t>(std::ranges::count(rest.substr(0, end), '\n'));
      position_ += end + 2;
    } else {
      break;
    }
  }
  return {};
}

std::expected<KeyFileToken, std::string> KeyFileLexer::quoted() {
  const std::size_t start = ++position_;
  while (position_ < text_.size() && text_[position_] != '"' && text_[position_] != '\n') {
    const bool escapes = text_[position_] == '\\' && !text_.substr(position_ + 1).starts_with('\n');
    position_ += escapes ? 2u : 1u;
  }
  if (position_ >= text_.size() || text_[position_] == '\n') {
    return std::unexpected(at_line(line_, "the closing quote is missing"));
  }
  return KeyFileToken{KeyFileToken::Kind::quoted, text_.substr(start, position_++ - start), line_};
}

}  // namespace ronda::dnsupdate
