// A TSIG key out of a file, with the rules for secrets: bounded, and not open to every user of the
// machine. Blocks; not for the loop's thread.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "dnsupdate/wire/tsig.hpp"

namespace ronda::agent {

struct KeyProblem {
  std::string sentence{};   // cause and cure
  bool about_name = false;  // the file is fine, but no key in it, or not one alone, is so called
};

// `key_name` empty: the only key of the file.
std::expected<dnsupdate::TsigKeyPtr, KeyProblem> read_key(const std::filesystem::path& file,
                                                          const std::string& key_name);
// A sentence about an algorithm that should not be used any more, else empty.
std::string weakness(const dnsupdate::TsigKey& key);

}  // namespace ronda::agent
