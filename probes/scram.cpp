#include "probes/scram.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "net/base64.hpp"
#include "net/digest.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr std::string_view kNoChannelBinding = "n,,";

// RFC 5802 5.1: what stands between commas has none of its own.
std::string escaped_name(std::string_view user) {
  std::string text;
  for (const char c : user) {
    text += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
  }
  return text;
}

// "r=..." at the front of `rest`, up to the next comma, which is taken too.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') {
    return std::nullopt;
  }
  const auto comma = rest.find(',');
  const std::string_view value =
      rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return value;
}

std::optional<std::string> from_base64(std::string_view text) {
  const auto octets = net::decode_base64(text);
  if (!octets || octets->empty()) {
    return std::nullopt;
  }
  const auto bytes = octets->bytes();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc{} && end == last && value > 0 ? std::optional(value) : std::nullopt;
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t at = 0; at < a.size() && at < b.size(); ++at) {
    a[at] = static_cast<char>(a[at] ^ b[at]);
  }
  return a;
}

}  // namespace

ScramClient::ScramClient(std::string_view user, std::string_view password, std::string nonce)
    : bare_first_("n=" + escaped_name(user) + ",r=" + nonce),
      password_(password),
      nonce_(std::move(nonce)) {}

std::string ScramClient::first() const {
  return std::string(kNoChannelBinding) + bare_first_;
}

std::expected<std::string, std::string> ScramClient::answer(std::string_view server_first) {
  std::string_view rest = server_first;
  const auto nonce = take_attribute(rest, 'r');
  const auto salt_text = nonce ? take_attribute(rest, 's') : std::nullopt;
  const auto rounds_text = salt_text ? take_attribute(rest, 'i') : std::nullopt;
  const auto salt = salt_text ? from_base64(*salt_text) : std::nullopt;
  const auto rounds = rounds_text ? number(*rounds_text) : std::nullopt;
  if (!salt || !rounds) {
    return std::unexpected("\"" + printable(server_first, 100) + "\"");
  }
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) {
    return std::unexpected("an answer to somebody else (another nonce)");
  }
  if (*rounds > kMostScramRounds) {
    return std::unexpected(std::to_string(*rounds) + " rounds to calculate, ronda does at most " +
                           std::to_string(kMostScramRounds));
  }
  const std::string salted = net::pbkdf2_sha256(password_, *salt, *rounds);
  if (salted.empty()) {
    return std::unexpected("a login for which this system's OpenSSL has no SHA-256");
  }
  const std::string client_key = net::hmac_sha256(salted, "Client Key");
  const std::string final_start =
      "c=" + net::encode_base64(kNoChannelBinding) + ",r=" + std::string(*nonce);
  const std::string spoken = bare_first_ + "," + std::string(server_first) + "," + final_start;
  server_signature_ = net::hmac_sha256(net::hmac_sha256(salted, "Server Key"), spoken);
  proof_ = exclusive_or(client_key, net::hmac_sha256(net::sha256(client_key), spoken));
  return final_start + ",p=" + net::encode_base64(proof_);
}

std::expected<void, std::string> ScramClient::verify(std::string_view server_final) const {
  std::string_view rest = server_final;
  if (const auto error = take_attribute(rest, 'e')) {
    return std::unexpected("\"" + printable(*error, 60) + "\"");
  }
  const auto text = take_attribute(rest, 'v');
  const auto signature = text ? from_base64(*text) : std::nullopt;
  if (!signature || server_signature_.empty() || !net::same_octets(*signature, server_signature_)) {
    return std::unexpected("a proof that is wrong: this server does not know the password");
  }
  return {};
}

std::vector<std::string> ScramClient::proofs() const {
  return {net::encode_base64(proof_), net::encode_base64(server_signature_)};
}

}  // namespace ronda::probes
