#include "dnsupdate/wire/tsig_algorithm.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace ronda::dnsupdate {
namespace {

struct Row {
  TsigAlgorithm algorithm;
  const char* name;       // BIND's
  const char* wire_name;  // RFC 8945 6
  const char* digest;     // OpenSSL's
  std::size_t length;
};

constexpr auto kRows = std::to_array<Row>({
    {TsigAlgorithm::hmac_md5, "hmac-md5", "hmac-md5.sig-alg.reg.int", "MD5", 16},
    {TsigAlgorithm::hmac_sha1, "hmac-sha1", "hmac-sha1", "SHA1", 20},
    {TsigAlgorithm::hmac_sha224, "hmac-sha224", "hmac-sha224", "SHA224", 28},
    {TsigAlgorithm::hmac_sha256, "hmac-sha256", "hmac-sha256", "SHA256", 32},
    {TsigAlgorithm::hmac_sha384, "hmac-sha384", "hmac-sha384", "SHA384", 48},
    {TsigAlgorithm::hmac_sha512, "hmac-sha512", "hmac-sha512", "SHA512", 64},
});

const Row& row_of(TsigAlgorithm algorithm) {
  return *std::ranges::find(kRows, algorithm, &Row::algorithm);
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// "-128" behind an algorithm: MACs truncated to that many bits, from max(80, half the hash)
// upwards.
bool is_truncation(std::string_view suffix, const Row& row) {
  if (!suffix.starts_with('-')) {
    return false;
  }
  std::size_t bits = 0;
  const char* const last = suffix.data() + suffix.size();
  const auto [end, error] = std::from_chars(suffix.data() + 1, last, bits);
  return error == std::errc{} && end == last && bits % 8 == 0 && bits <= 8 * row.length &&
         bits >= std::max<std::size_t>(80, 4 * row.length);
}

}  // namespace

std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(), lower);
  if (name.ends_with('.')) {
    name.pop_back();
  }
  for (const Row& row : kRows) {
    if (name == row.name || name == row.wire_name) {
      return row.algorithm;
    }
    if (name.starts_with(row.name) &&
        is_truncation(std::string_view(name).substr(std::string_view(row.name).size()), row)) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

Name algorithm_name(TsigAlgorithm algorithm) {
  return Name::parse(row_of(algorithm).wire_name).value();
}

std::size_t mac_length(TsigAlgorithm algorithm) {
  return row_of(algorithm).length;
}

std::string known_tsig_algorithms() {
  std::string names;
  for (const Row& row : kRows) {
    names += names.empty() ? row.name : ", " + std::string(row.name);
  }
  return names;
}

Bytes hmac(TsigAlgorithm algorithm, std::span<const std::byte> secret,
           std::span<const std::byte> data) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> method(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  if (!method) {
    return {};
  }
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(method.get()), &EVP_MAC_CTX_free);
  std::string digest = row_of(algorithm).digest;
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  // A null key would mean "the one from before" to OpenSSL, not the empty one.
  constexpr unsigned char kNothing = 0;
  const auto* const key =
      secret.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(secret.data());
  Bytes mac(mac_length(algorithm));
  std::size_t length = 0;
  if (!context || EVP_MAC_init(context.get(), key, secret.size(), parameters.data()) != 1 ||
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(data.data()),
                     data.size()) != 1 ||
      EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.data()), &length,
                    mac.size()) != 1 ||
      length != mac.size()) {
    return {};
  }
  return mac;
}

}  // namespace ronda::dnsupdate
