#include "net/digest.hpp"

#include <array>
#include <limits>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace ronda::net {

namespace {

using Method = std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)>;

Method fetch(const char* name) {
  return {EVP_MD_fetch(nullptr, name, nullptr), &EVP_MD_free};
}

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool too_long(std::string_view text) {
  return text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max());
}

// What OpenSSL leaves on its stack of errors belongs to nobody who asks later.
std::string nothing() {
  ERR_clear_error();
  return {};
}

std::string digest(const char* name, std::string_view octets) {
  const Method method = fetch(name);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (!method ||
      EVP_Digest(octets.data(), octets.size(), hash.data(), &length, method.get(), nullptr) != 1) {
    return nothing();
  }
  return {hash.begin(), hash.begin() + length};
}

}  // namespace

std::string md5(std::string_view octets) {
  return digest("MD5", octets);
}

std::string sha1(std::string_view octets) {
  return digest("SHA1", octets);
}

std::string sha256(std::string_view octets) {
  return digest("SHA256", octets);
}

std::string hmac_sha256(std::string_view key, std::string_view octets) {
  const Method method = fetch("SHA256");
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  if (!method || too_long(key) ||
      HMAC(method.get(), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
           octets_of(octets), octets.size(), mac.data(), &length) == nullptr) {
    return nothing();
  }
  return {mac.begin(), mac.begin() + length};
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t rounds) {
  constexpr std::size_t kLength = 32;
  const Method method = fetch("SHA256");
  std::array<unsigned char, kLength> key{};
  if (!method || too_long(password) || too_long(salt) ||
      rounds > static_cast<std::uint32_t>(std::numeric_limits<int>::max()) ||
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets_of(salt),
                        static_cast<int>(salt.size()), static_cast<int>(rounds), method.get(),
                        static_cast<int>(key.size()), key.data()) != 1) {
    return nothing();
  }
  return {key.begin(), key.end()};
}

bool same_octets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string in_hex(std::string_view octets) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0xfU];
  }
  return text;
}

}  // namespace ronda::net
