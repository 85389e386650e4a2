#include "probes/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <system_error>

#include "probes/octets.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr int kDeepest = 64;
constexpr std::string_view kBlanks = " \t\r\n";

std::optional<double> number_of(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// A member's name or an element's number, as the pointer writes it, without its escapes.
std::string next_token(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const auto end = std::min(pointer.find('/'), pointer.size());
  std::string token;
  for (std::size_t i = 0; i < end; ++i) {
    const bool escaped = pointer[i] == '~' && i + 1 < end;
    token += escaped ? (pointer[i + 1] == '1' ? '/' : '~') : pointer[i];
    i += escaped ? 1 : 0;
  }
  pointer.remove_prefix(end);
  return token;
}

class Walker {
 public:
  explicit Walker(std::string_view text) : rest_(text) {}

  // Goes down to what `pointer` names; false: it is not there, or the text is broken.
  bool descend(std::string_view pointer) {
    while (!pointer.empty()) {
      const std::string token = next_token(pointer);
      const bool found = take('{') ? enter_object(token) : take('[') && enter_list(token);
      if (!found) {
        return false;
      }
    }
    return true;
  }

  std::optional<double> number() {
    skip_blanks();
    if (rest_.starts_with('"')) {
      const auto text = take_string();
      return text ? number_of(*text) : std::nullopt;
    }
    const auto end = std::min(rest_.find_first_of(" \t\r\n,]}"), rest_.size());
    return number_of(rest_.substr(0, end));
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
  }

  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  bool enter_object(const std::string& wanted) {
    if (take('}')) {
      return false;
    }
    do {
      skip_blanks();
      const auto key = take_string();
      if (!key || !take(':')) {
        return false;
      }
      if (*key == wanted) {
        return true;
      }
      if (!skip_value(0)) {
        return false;
      }
    } while (take(','));
    return false;
  }

  bool enter_list(const std::string& wanted) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), index);
    const bool leading_zero = wanted.size() > 1 && wanted.starts_with('0');
    if (error != std::errc() || end != wanted.data() + wanted.size() || leading_zero || take(']')) {
      return false;
    }
    for (; index > 0; --index) {
      if (!skip_value(0) || !take(',')) {
        return false;
      }
    }
    return true;
  }

  // Recursion is bounded by kDeepest.
  bool skip_value(int depth) {
    skip_blanks();
    if (rest_.empty() || depth > kDeepest) {
      return false;
    }
    const char first = rest_.front();
    if (first == '"') {
      return take_string().has_value();
    }
    if (first == '{' || first == '[') {
      rest_.remove_prefix(1);
      return skip_inside(first == '{', depth);
    }
    const auto end = std::min(rest_.find_first_of(" \t\r\n,]}"), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word == "true" || word == "false" || word == "null" || number_of(word).has_value();
  }

  bool skip_inside(bool object, int depth) {
    const char close = object ? '}' : ']';
    if (take(close)) {
      return true;
    }
    do {
      skip_blanks();
      if (object && (!take_string() || !take(':'))) {
        return false;
      }
      if (!skip_value(depth + 1)) {
        return false;
      }
    } while (take(','));
    return take(close);
  }

  std::optional<std::string> take_string() {
    if (!rest_.starts_with('"')) {
      return std::nullopt;
    }
    std::string text;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (static_cast<unsigned char>(rest_[i]) < 0x20) {
        return std::nullopt;
      }
      if (rest_[i] != '\\') {
        text += rest_[i];
      } else if (++i >= rest_.size() || !take_escape(i, text)) {
        return std::nullopt;
      }
    }
    if (i >= rest_.size()) {
      return std::nullopt;
    }
    rest_.remove_prefix(i + 1);
    return text;
  }

  // `at` is the character behind the backslash; left on the escape's last one.
  bool take_escape(std::size_t& at, std::string& text) const {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const auto plain = kFrom.find(rest_[at]);
    if (plain != std::string_view::npos) {
      text += kTo[plain];
      return true;
    }
    unsigned code = 0;
    const std::string_view digits = rest_.substr(std::min(at + 1, rest_.size()), 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (rest_[at] != 'u' || digits.size() < 4 || error != std::errc() || end != digits.data() + 4) {
      return false;
    }
    at += 4;
    append_utf8(code, text);
    return true;
  }

  // Halves of a surrogate pair stay apart: such a name is found by nobody, and nothing breaks.
  static void append_utf8(unsigned code, std::string& text) {
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0U | (code >> 6U));
      text += static_cast<char>(0x80U | (code & 0x3fU));
    } else {
      text += static_cast<char>(0xe0U | (code >> 12U));
      text += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
      text += static_cast<char>(0x80U | (code & 0x3fU));
    }
  }

  std::string_view rest_;
};

std::string got(std::string_view text) {
  return text.empty() ? "nothing" : "\"" + printable(text, 60) + "\"";
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return false;
    }
  }
  return text.empty() || text.starts_with('/');
}

std::expected<double, std::string> parse_plain_number(std::string_view text) {
  std::string_view word = text;
  word.remove_prefix(std::min(word.find_first_not_of(kBlanks), word.size()));
  word = word.substr(0, word.find_last_not_of(kBlanks) + 1);
  const auto value = number_of(word);
  if (!value) {
    return std::unexpected("expected a number, got " + got(text));
  }
  return *value;
}

std::expected<double, std::string> find_json_number(std::string_view text,
                                                    std::string_view pointer) {
  Walker walker(text);
  if (walker.descend(pointer)) {
    if (const auto value = walker.number()) {
      return *value;
    }
  }
  return std::unexpected("expected JSON with a number at \"" + printable(pointer, 60) + "\", got " +
                         got(text));
}

}  // namespace ronda::probes
