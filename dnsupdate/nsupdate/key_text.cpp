#include "dnsupdate/nsupdate/key_text.hpp"

#include <array>
#include <optional>
#include <utility>

#include "dnsupdate/nsupdate/words.hpp"
#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr const char* kOptionForm = "key option must specify [hmac:]keyname:secret";

KeyOrError make_key(TsigAlgorithm algorithm, std::string_view name, std::string_view secret) {
  auto key = std::make_shared<TsigKey>();
  const auto parsed = parse_owner(name);
  if (!parsed || parsed->is_root()) {
    return std::unexpected("could not parse key name");
  }
  auto octets = net::decode_base64(secret);
  if (!octets) {
    return std::unexpected("could not create key from " + std::string(name) +
                           ": bad base64 encoding");
  }
  if (octets->empty()) {
    return std::unexpected("could not read key secret");
  }
  key->name = *parsed;
  key->algorithm = algorithm;
  key->secret = *std::move(octets);
  return key;
}

// The algorithms' numbers in KEY records.
std::optional<TsigAlgorithm> algorithm_of_record(std::string_view number) {
  constexpr std::array<std::pair<std::string_view, TsigAlgorithm>, 6> kNumbers{{
      {"157", TsigAlgorithm::hmac_md5},
      {"161", TsigAlgorithm::hmac_sha1},
      {"162", TsigAlgorithm::hmac_sha224},
      {"163", TsigAlgorithm::hmac_sha256},
      {"164", TsigAlgorithm::hmac_sha384},
      {"165", TsigAlgorithm::hmac_sha512},
  }};
  for (const auto& [text, algorithm] : kNumbers) {
    if (text == number) {
      return algorithm;
    }
  }
  return std::nullopt;
}

}  // namespace

KeyOrError parse_key_words(std::string_view name, std::string_view secret) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) {
    return make_key(TsigAlgorithm::hmac_md5, name, secret);
  }
  const auto algorithm = parse_tsig_algorithm(name.substr(0, colon));
  if (!algorithm) {
    return std::unexpected("unknown key type '" + std::string(name.substr(0, colon)) + "'");
  }
  return make_key(*algorithm, name.substr(colon + 1), secret);
}

KeyOrError parse_key_option(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos || first == 0) {
    return std::unexpected(kOptionForm);
  }
  const std::size_t second = text.find(':', first + 1);
  const std::size_t last = second == std::string_view::npos ? first : second;
  if (second == first + 1 || last + 1 == text.size()) {
    return std::unexpected(kOptionForm);
  }
  return parse_key_words(text.substr(0, last), text.substr(last + 1));
}

KeyOrError parse_key_record(std::string_view text) {
  std::string_view rest = text.substr(0, text.find('\n'));
  const std::string_view name = take_word(rest);
  std::string_view word = take_word(rest);
  if (parse_ttl(word)) {
    word = take_word(rest);
  }
  if (same_word(word, "IN")) {
    word = take_word(rest);
  }
  if (!same_word(word, "KEY")) {
    return std::unexpected("it holds neither a key statement nor a KEY record");
  }
  take_word(rest);  // flags
  take_word(rest);  // protocol
  const auto algorithm = algorithm_of_record(take_word(rest));
  if (!algorithm) {
    return std::unexpected(
        "its KEY record is not for TSIG; SIG(0) is not supported, use a key of tsig-keygen");
  }
  return make_key(*algorithm, name, rest);
}

}  // namespace ronda::dnsupdate
