// The hashes that password exchanges are made of, over octets in memory. A result is empty where
// this system's OpenSSL refuses the algorithm, as one under FIPS rules does with MD5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ronda::net {

std::string md5(std::string_view octets);
std::string sha1(std::string_view octets);
std::string sha256(std::string_view octets);
std::string hmac_sha256(std::string_view key, std::string_view octets);  // RFC 2104
// RFC 8018 5.2, as long as one hash; about a millisecond for 4096 rounds.
std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t rounds);
// In a time that tells nothing about where they differ.
bool same_octets(std::string_view a, std::string_view b);

std::string in_hex(std::string_view octets);  // small letters

}  // namespace ronda::net
