// Base64 (RFC 4648 4). It decodes into a secret: the octets exist nowhere else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/secret.hpp"

namespace ronda::net {

// Blanks between the digits are skipped, padding is required. Nothing where the text is not Base64.
std::optional<Secret> decode_base64(std::string_view text);
// Into a text that is not wiped.
std::string encode_base64(std::string_view octets);

}  // namespace ronda::net
