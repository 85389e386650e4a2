#include "probes/login.hpp"

#include <algorithm>
#include <utility>

#include <string.h>

#include "net/base64.hpp"
#include "probes/result.hpp"

namespace ronda::probes {
namespace {

constexpr std::size_t kLongestWord = 255;
constexpr std::string_view kHidden = "***";
constexpr std::size_t kTelling = 4;  // octets of a secret's beginning; fewer begin other words, too

bool has_control(std::string_view word) {
  return std::ranges::any_of(word, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

std::string_view take_line(std::string_view& rest) {
  std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::string in_quotes(const std::string& word) {
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += c;
  }
  return text + '"';
}

void hide_whole(std::string& text, const std::string& secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kHidden.size())) {
    text.replace(at, secret.size(), kHidden);
  }
}

std::size_t begun(std::string_view text, std::string_view secret) {
  std::size_t length = std::min(secret.size(), text.size());
  while (length > 0 && !text.ends_with(secret.substr(0, length))) {
    --length;
  }
  return length;
}

// The beginning of a secret, of `least` octets or more, before a mark that ends a text in its
// middle.
void hide_begun(std::string& text, const std::vector<std::string>& secrets, std::string_view mark,
                std::size_t least) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + mark.size())) {
    const std::size_t length = begun_secret(std::string_view(text).substr(0, at), secrets);
    if (length >= least) {
      text.replace(at - length, length, kHidden);
      at = at - length + kHidden.size();
    }
  }
}

bool in_a_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Behind an octet that printable() has escaped a word begins, too.
bool is_word(std::string_view text, std::size_t at, std::size_t size) {
  const bool escaped = at >= 4 && text.substr(at - 4, 2) == "\\x";
  const bool begins = at == 0 || escaped || !in_a_word(text[at - 1]);
  return begins && (at + size == text.size() || !in_a_word(text[at + size]));
}

}  // namespace

Login::Words::Words(std::string name, std::string secret)
    : user(std::move(name)), password(std::move(secret)) {}

Login::Words::~Words() {
  // Not a plain fill, which may be optimised away.
  ::explicit_bzero(password.data(), password.size());
}

std::expected<Login, std::string> Login::parse(std::string_view text, std::string file) {
  std::string_view rest = text;
  const std::string_view user = take_line(rest);
  const std::string_view password = take_line(rest);
  if (user.empty() || password.empty()) {
    return std::unexpected("must have two lines: the user's name and the password");
  }
  if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return std::unexpected("has more than two lines; it wants the user's name and the password");
  }
  if (user.size() > kLongestWord || password.size() > kLongestWord) {
    return std::unexpected("has a line of more than 255 octets");
  }
  if (has_control(user) || has_control(password)) {
    return std::unexpected("has a control character in the user's name or the password");
  }
  Login login;
  login.file_ = std::move(file);
  login.words_ = std::make_shared<const Words>(std::string(user), std::string(password));
  return login;
}

std::string Login::plain() const {
  return net::encode_base64(std::string(1, '\0') + user() + std::string(1, '\0') + password());
}

std::string Login::basic() const {
  return net::encode_base64(user() + ":" + password());
}

std::string Login::quoted() const {
  return in_quotes(user()) + " " + in_quotes(password());
}

std::vector<std::string> Login::secrets() const {
  if (!words_) {
    return {};
  }
  return {plain(), basic(), in_quotes(password()), password()};
}

std::size_t begun_secret(std::string_view text, const std::vector<std::string>& secrets) {
  std::size_t length = 0;
  for (const std::string& secret : secrets) {
    length = std::max(length, begun(text, secret));
  }
  return length;
}

std::string hide(std::string text, const std::vector<std::string>& secrets) {
  std::vector<std::string> shown;
  for (const std::string& secret : secrets) {
    hide_whole(text, secret);
    shown.push_back(printable(secret, std::string::npos));
    if (shown.back() != secret) {
      hide_whole(text, shown.back());
    }
  }
  hide_begun(text, shown, "...", 1);
  hide_begun(text, shown, "\"", kTelling);
  return text;
}

std::string hide_words(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (const std::string& form : {secret, printable(secret, std::string::npos)}) {
      for (std::size_t at = text.find(form); at != std::string::npos;
           at = text.find(form, at + 1)) {
        if (is_word(text, at, form.size())) {
          text.replace(at, form.size(), kHidden);
          at += kHidden.size() - 1;
        }
      }
    }
  }
  return text;
}

}  // namespace ronda::probes
