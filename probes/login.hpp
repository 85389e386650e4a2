// A user's name and password for a check that logs in, from a file of two lines, so that neither
// stands in a config. Two logins from the same file are equal.
#pragma once

#include <compare>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::probes {

class Login {
 public:
  Login() = default;  // nobody: no login is asked for

  // The error is a sentence to follow the file's name; it holds nothing of the text.
  static std::expected<Login, std::string> parse(std::string_view text, std::string file);

  explicit operator bool() const { return words_ != nullptr; }
  const std::string& file() const { return file_; }
  const std::string& user() const { return words_->user; }
  const std::string& password() const { return words_->password; }
  std::string plain() const;  // for "AUTH PLAIN" (RFC 4616): both in Base64
  std::string basic() const;  // for HTTP (RFC 7617): both in Base64
  // Both as quoted strings (RFC 9051 4.3), for LOGIN.
  std::string quoted() const;
  // Every form in which the password is sent, for whoever has to keep it out of texts.
  std::vector<std::string> secrets() const;

  friend std::strong_ordering operator<=>(const Login& a, const Login& b) {
    return a.file_ <=> b.file_;
  }
  friend bool operator==(const Login& a, const Login& b) { return a.file_ == b.file_; }

 private:
  struct Words {
    Words(std::string name, std::string secret);
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;
    ~Words();
    std::string user;
    std::string password;
  };

  std::string file_{};
  std::shared_ptr<const Words> words_{};
};

// How many octets at the end of `text` are the beginning of one of the secrets, or all of it.
std::size_t begun_secret(std::string_view text, const std::vector<std::string>& secrets);

// `text` with "***" for each of the secrets, also where printable() has escaped or cut it, or where
// it had not come as a whole before a closing quote.
std::string hide(std::string text, const std::vector<std::string>& secrets);
// The same of secrets so short that they stand in other words, too: there they are left alone.
std::string hide_words(std::string text, const std::vector<std::string>& secrets);

}  // namespace ronda::probes
