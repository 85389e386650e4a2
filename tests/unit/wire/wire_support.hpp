// Hex, names and times for the tests of the wire room.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "dnsupdate/wire/message.hpp"
#include "net/time.hpp"

namespace ronda::dnsupdate {

inline Bytes from_hex(std::string_view hex) {
  const auto digit = [](char letter) {
    return static_cast<unsigned>(letter <= '9' ? letter - '0' : letter - 'a' + 10);
  };
  Bytes octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<std::byte>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return octets;
}

inline std::string to_hex(const Bytes& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte octet : octets) {
    hex += kDigits[std::to_integer<std::size_t>(octet) >> 4];
    hex += kDigits[std::to_integer<std::size_t>(octet) & 0x0f];
  }
  return hex;
}

inline Name name_of(std::string_view text) {
  return Name::parse(text).value();
}

inline Rdata rdata_of(RrType type, std::string_view text) {
  return Rdata::parse(type, text).value();
}

inline net::WallTime at_second(long long seconds) {
  return net::WallTime(std::chrono::seconds(seconds));
}

}  // namespace ronda::dnsupdate
