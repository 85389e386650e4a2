// Cuts a key file into words, quoted texts and the signs { } ; leaving out the three kinds of
// comments that named.conf knows. Views into the text, so that no copy of a secret is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ronda::dnsupdate {

struct KeyFileToken {
  enum class Kind : std::uint8_t { word, quoted, sign, end };
  Kind kind = Kind::end;
  std::string_view text{};
  std::size_t line = 1;

  bool is_sign(char sign) const { return kind == Kind::sign && text.front() == sign; }
  bool is_text() const { return kind == Kind::word || kind == Kind::quoted; }
};

class KeyFileLexer {
 public:
  explicit KeyFileLexer(std::string_view text) : text_(text) {}
  // The error is a sentence that begins with the line.
  std::expected<KeyFileToken, std::string> next();

 private:
  std::expected<void, std::string> skip_blanks_and_comments();
  std::expected<KeyFileToken, std::string> quoted();

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

std::string at_line(std::size_t line, std::string_view what);  // "line 3: ..."

}  // namespace ronda::dnsupdate
