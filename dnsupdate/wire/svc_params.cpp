#include "dnsupdate/wire/svc_params.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

#include "dnsupdate/wire/svc_key.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::uint16_t kMandatory = 0;
constexpr std::uint16_t kAlpn = 1;
constexpr std::uint16_t kNoDefaultAlpn = 2;

void put_u16(std::string& octets, std::size_t value) {
  octets += static_cast<char>(value >> 8 & 0xff);
  octets += static_cast<char>(value & 0xff);
}

std::uint16_t get_u16(std::string_view octets) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[0]) << 8 |
                                    static_cast<unsigned char>(octets[1]));
}

struct Parameter {
  std::uint16_t key = 0;
  std::string_view value{};
};

// Nothing where lengths do not fit.
std::optional<std::vector<Parameter>> cut(std::string_view octets) {
  std::vector<Parameter> parameters;
  while (!octets.empty()) {
    if (octets.size() < 4 || octets.size() - 4 < get_u16(octets.substr(2))) {
      return std::nullopt;
    }
    const std::size_t length = get_u16(octets.substr(2));
    parameters.push_back({get_u16(octets), octets.substr(4, length)});
    octets.remove_prefix(4 + length);
  }
  return parameters;
}

}  // namespace

std::expected<std::string, std::string> parse_svc_params(const std::vector<TextToken>& words) {
  std::map<std::uint16_t, std::string> values;
  for (const TextToken& word : words) {
    if (word.quoted) {
      return std::unexpected("a parameter is written key=\"value\", not in quotes as a whole");
    }
    const std::size_t equals = word.raw.find('=');
    const auto key = parse_svc_key(std::string_view(word.raw).substr(0, equals));
    if (!key) {
      return std::unexpected(key.error());
    }
    const auto text =
        unescape(equals == std::string::npos ? std::string_view()
                                             : std::string_view(word.raw).substr(equals + 1));
    if (!text) {
      return std::unexpected(text.error());
    }
    auto value = parse_svc_value(*key, *text);
    if (!value) {
      return std::unexpected(value.error());
    }
    if (value->size() > 65535 || !has_svc_form(key->number, *value)) {
      return std::unexpected("the value of " + svc_key_name(key->number) +
                             " does not have its form");
    }
    if (!values.emplace(key->number, *std::move(value)).second) {
      return std::unexpected("the parameter " + svc_key_name(key->number) + " is there twice");
    }
  }
  std::string octets;
  for (const auto& [key, value] : values) {
    put_u16(octets, key);
    put_u16(octets, value.size());
    octets += value;
  }
  if (auto conflict = svc_params_conflict(octets)) {
    return std::unexpected(*std::move(conflict));
  }
  return octets;
}

bool are_svc_params(std::string_view octets) {
  const auto parameters = cut(octets);
  if (!parameters) {
    return false;
  }
  std::optional<std::uint16_t> last;
  for (const Parameter& parameter : *parameters) {
    if ((last && parameter.key <= *last) || !has_svc_form(parameter.key, parameter.value)) {
      return false;
    }
    last = parameter.key;
  }
  return true;
}

std::optional<std::string> svc_params_conflict(std::string_view octets) {
  const auto parameters = cut(octets);
  if (!parameters || parameters->empty()) {
    return std::nullopt;
  }
  const auto has = [&](std::uint16_t key) {
    return std::ranges::find(*parameters, key, &Parameter::key) != parameters->end();
  };
  if (has(kNoDefaultAlpn) && !has(kAlpn)) {
    return "no-default-alpn needs alpn beside it";
  }
  if (parameters->front().key != kMandatory) {
    return std::nullopt;
  }
  for (std::string_view keys = parameters->front().value; !keys.empty(); keys.remove_prefix(2)) {
    const std::uint16_t key = get_u16(keys);
    if (key == kMandatory) {
      return "mandatory must not name itself";
    }
    if (!has(key)) {
      return "mandatory names " + svc_key_name(key) + ", which is not there";
    }
  }
  return std::nullopt;
}

std::string print_svc_params(std::string_view octets) {
  std::string text;
  const auto parameters = cut(octets);
  for (const Parameter& parameter : parameters.value_or(std::vector<Parameter>())) {
    text += text.empty() ? "" : " ";
    text += svc_key_name(parameter.key);
    if (!parameter.value.empty()) {
      text += "=" + print_svc_value(parameter.key, parameter.value);
    }
  }
  return text;
}

}  // namespace ronda::dnsupdate
