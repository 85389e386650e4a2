#include "net/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ronda::net {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

}  // namespace

std::optional<Secret> decode_base64(std::string_view text) {
  std::vector<std::byte> octets;
  octets.reserve(text.size());  // growing would leave copies behind
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  bool good = true;
  for (const char letter : text) {
    if (is_blank(letter)) {
      continue;
    }
    if (letter == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kDigits.find(letter);
    if (value == std::string_view::npos || padding > 0) {
      good = false;
      break;
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    ++digits;
    if (digits % 4 == 0) {
      for (const unsigned shift : {16u, 8u, 0u}) {
        octets.push_back(static_cast<std::byte>(bits >> shift & 0xff));
      }
    }
  }
  const std::size_t left = digits % 4;
  if (left == 2) {
    octets.push_back(static_cast<std::byte>(bits >> 4 & 0xff));
    good = good && padding == 2 && (bits & 0x0f) == 0;
  } else if (left == 3) {
    octets.push_back(static_cast<std::byte>(bits >> 10 & 0xff));
    octets.push_back(static_cast<std::byte>(bits >> 2 & 0xff));
    good = good && padding == 1 && (bits & 0x03) == 0;
  } else {
    good = good && left == 0 && padding == 0;
  }
  Secret secret(std::move(octets));  // wipes what a failed decoding has gathered, too
  if (!good) {
    return std::nullopt;
  }
  return secret;
}

std::string encode_base64(std::string_view octets) {
  std::string text;
  for (; !octets.empty(); octets.remove_prefix(std::min<std::size_t>(3, octets.size()))) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < octets.size() ? static_cast<unsigned char>(octets[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= octets.size() ? kDigits[bits >> (6 * (3 - i)) & 0x3f] : '=';
    }
  }
  return text;
}

}  // namespace ronda::net
