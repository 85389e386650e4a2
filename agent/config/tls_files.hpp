// Whether the files that TLS settings name hold what they are for: with others every probe, and
// every update, would be impossible for good. Blocks on file reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/tls_contexts.hpp"

namespace ronda::agent {

class TlsFiles {
 public:
  struct Problem {
    std::string_view key{};  // "ca_file", "cert_file" or "key_file"
    std::string sentence{};  // names the file
  };
  // Of the files alone: the system's CAs are not read. Equal settings are looked at once.
  std::vector<Problem> problems(const net::TlsSettings& settings);

 private:
  net::TlsContexts contexts_{};
};

}  // namespace ronda::agent
