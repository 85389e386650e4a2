// BIND's key files: `key "name" { algorithm hmac-sha256; secret "base64"; };` statements as
// tsig-keygen prints them (comments, any order, several keys), and `alg:name:secret` lines. Pure
// text in, keys out; the secret never appears in an error.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "dnsupdate/wire/tsig.hpp"

namespace ronda::dnsupdate {

// The error is a sentence that names line and cause, never the secret.
std::expected<std::vector<TsigKeyPtr>, std::string> parse_key_file(std::string_view text);

// Picks the only key, or the one called `key_name`. The error is a sentence that lists the names
// found.
std::expected<TsigKeyPtr, std::string> select_key(const std::vector<TsigKeyPtr>& keys,
                                                  std::string_view key_name);

}  // namespace ronda::dnsupdate
