// What the tests of the config reader share: a folder with key files, and texts in which an '@'
// marks the place where a problem is expected.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "agent/config/reader.hpp"
#include "tests/support/catch.hpp"

namespace ronda::agent {

inline constexpr std::string_view kKey =
    "key \"ronda\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIHRoaXJ0eS10d28gb2N0ZXRz\"; };\n";

// A CA that is also a client's certificate, its key, and the key of another one.
inline constexpr std::string_view kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBcjCCARmgAwIBAgIUOYDtjGvI/cRTIk7WGl0lJi5MHpAwCgYIKoZIzj0EAwIw\n"
    "DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyODE0NDMzOVoYDzIxMjYxMTA0MTQ0MzM5\n"
    "WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT4A1+i\n"
    "KkG5XMy8BIJnHGOJcbdgcJnuCMQJcZJjFIiO9n3z+BmImuhqvtJcvH1qtI3nC3m3\n"
    "19/lxCs3VLc0t4EUo1MwUTAdBgNVHQ4EFgQUs9aML4YqlHADB0PDd6gT01a9WiYw\n"
    "HwYDVR0jBBgwFoAUs9aML4YqlHADB0PDd6gT01a9WiYwDwYDVR0TAQH/BAUwAwEB\n"
    "/zAKBggqhkjOPQQDAgNHADBEAiALKpHxGUj2gGVCDuhLoJxne2K9xO45FmdnoJNy\n"
    "O0cl4gIgHXN5LSAxCzDiJlDGsnyMa20nKs0YovVnG7CBTEfhaZs=\n"
    "-----END CERTIFICATE-----\n";
inline constexpr std::string_view kCertificateKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmA8CPyHvyZHxNYNk\n"
    "p0p0IZPL1JRmt3L6t7efCwZrWkihRANCAAT4A1+iKkG5XMy8BIJnHGOJcbdgcJnu\n"
    "CMQJcZJjFIiO9n3z+BmImuhqvtJcvH1qtI3nC3m319/lxCs3VLc0t4EU\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr std::string_view kAnotherKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzUXvfrLfrGqD0QCy\n"
    "oIqf1nCjN3LczShVQQniY9jtUBChRANCAAQxsSklh2/0U8QEZ22X+w7bJFJxueO+\n"
    "BSRkBMGIRuYSETuj1w6tcN9X/VtgWCNjUd+YIx7UX2rHkNRmCdl7WMBh\n"
    "-----END PRIVATE KEY-----\n";

class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "ronda-config-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path_ = made;
    write("tsig.key", kKey, 0640);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  void write(const std::string& name, std::string_view text, ::mode_t mode) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary) << text;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "ronda.json"; }
  ConfigResult read(std::string_view text) const { return read_config_text(config(), text); }

 private:
  std::filesystem::path path_{};
};

struct Marked {
  std::string text{};
  std::size_t line = 1;
  std::size_t column = 1;
};

inline Marked unmark(std::string text) {
  const auto at = text.find('@');
  REQUIRE(at != std::string::npos);
  Marked marked;
  for (std::size_t i = 0; i < at; ++i) {
    const bool ends_line = text[i] == '\n';
    marked.line += ends_line ? 1 : 0;
    marked.column = ends_line ? 1 : marked.column + 1;
  }
  text.erase(at, 1);
  marked.text = std::move(text);
  return marked;
}

}  // namespace ronda::agent
