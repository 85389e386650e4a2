#include "dnsupdate/nsupdate/octet_text.hpp"

#include <algorithm>
#include <iterator>

#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::size_t hex_value(char digit) {
  const char upper = digit >= 'a' && digit <= 'f' ? static_cast<char>(digit - 'a' + 'A') : digit;
  return kHexDigits.find(upper);
}

}  // namespace

std::string absolute_text(const Name& name) {
  return name.is_root() ? "." : name.to_string() + ".";
}

std::string hex_text(std::string_view octets) {
  std::string text;
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    text += kHexDigits[value >> 4U];
    text += kHexDigits[value & 0x0fU];
  }
  return text;
}

std::expected<std::string, std::string> parse_hex(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) {
    return std::unexpected("hex digits come in pairs");
  }
  std::string octets;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const std::size_t high = hex_value(text[at]);
    const std::size_t low = hex_value(text[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::unexpected("\"" + std::string(text.substr(at, 2)) + "\" is not hex");
    }
    octets += static_cast<char>(high * 16 + low);
  }
  return octets;
}

std::expected<std::string, std::string> parse_base64(std::string_view text) {
  const auto decoded = net::decode_base64(text);
  if (!decoded || decoded->empty()) {
    return std::unexpected("bad base64 encoding");
  }
  std::string octets;
  std::ranges::transform(decoded->bytes(), std::back_inserter(octets),
                         [](std::byte octet) { return std::to_integer<char>(octet); });
  return octets;
}

}  // namespace ronda::dnsupdate
