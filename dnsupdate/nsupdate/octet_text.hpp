// Octets as hex or Base64 and names with a final dot, the way BIND's tools write them.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "dnsupdate/wire/name.hpp"

namespace ronda::dnsupdate {

std::string absolute_text(const Name& name);    // "www.example.com."
std::string hex_text(std::string_view octets);  // upper case
std::expected<std::string, std::string> parse_hex(std::string_view text);
std::expected<std::string, std::string> parse_base64(std::string_view text);

}  // namespace ronda::dnsupdate
