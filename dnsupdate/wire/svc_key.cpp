#include "dnsupdate/wire/svc_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "dnsupdate/wire/rdata_text.hpp"
#include "net/address.hpp"
#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

using Octets = std::expected<std::string, std::string>;

enum class Form : std::uint8_t { keys, protocols, nothing, port, ipv4, base64, ipv6, octets };

struct Row {
  std::string_view name;
  Form form;
};

// The place is the key's number (RFC 9460 14.3.2).
constexpr auto kKeys = std::to_array<Row>({
    {"mandatory", Form::keys},
    {"alpn", Form::protocols},
    {"no-default-alpn", Form::nothing},
    {"port", Form::port},
    {"ipv4hint", Form::ipv4},
    {"ech", Form::base64},
    {"ipv6hint", Form::ipv6},
});

Form form_of(std::uint16_t key) {
  return key < kKeys.size() ? kKeys[key].form : Form::octets;
}

void put_u16(std::string& octets, std::size_t value) {
  octets += static_cast<char>(value >> 8 & 0xff);
  octets += static_cast<char>(value & 0xff);
}

std::uint16_t get_u16(std::string_view octets) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[0]) << 8 |
                                    static_cast<unsigned char>(octets[1]));
}

// RFC 9460 A.1: commas part the items; "\," and "\\" stand for themselves.
std::expected<std::vector<std::string>, std::string> split_list(std::string_view octets) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] == ',') {
      items.emplace_back();
      continue;
    }
    if (octets[i] == '\\') {
      ++i;
      if (i >= octets.size() || (octets[i] != ',' && octets[i] != '\\')) {
        return std::unexpected("in a list a backslash stands before a comma or a backslash only");
      }
    }
    items.back() += octets[i];
  }
  if (std::ranges::any_of(items, &std::string::empty)) {
    return std::unexpected("a list has an empty item");
  }
  return items;
}

Octets join_keys(const std::vector<std::string>& items) {
  std::vector<std::uint16_t> numbers;
  for (const std::string& item : items) {
    const auto key = parse_svc_key(item);
    if (!key) {
      return std::unexpected(key.error());
    }
    numbers.push_back(key->number);
  }
  std::ranges::sort(numbers);
  if (std::ranges::adjacent_find(numbers) != numbers.end()) {
    return std::unexpected("mandatory names a parameter twice");
  }
  std::string octets;
  for (const std::uint16_t number : numbers) {
    put_u16(octets, number);
  }
  return octets;
}

Octets join_protocols(const std::vector<std::string>& items) {
  std::string octets;
  for (const std::string& item : items) {
    if (item.size() > 255) {
      return std::unexpected("a protocol of alpn is longer than 255 octets");
    }
    octets += static_cast<char>(item.size());
    octets += item;
  }
  return octets;
}

Octets join_addresses(const std::vector<std::string>& items, bool want_v4) {
  std::string octets;
  for (const std::string& item : items) {
    const auto address = net::IpAddress::parse(item);
    if (!address || address->is_v4() != want_v4) {
      return std::unexpected("\"" + item + "\" is not an " + (want_v4 ? "IPv4" : "IPv6") +
                             " address");
    }
    for (std::size_t i = 0; i < (want_v4 ? 4u : 16u); ++i) {
      octets += static_cast<char>(address->octets()[i]);
    }
  }
  return octets;
}

Octets parse_base64(std::string_view text) {
  const auto decoded = net::decode_base64(text);
  if (!decoded) {
    return std::unexpected("the value of ech is not Base64");
  }
  std::string octets;
  for (const std::byte octet : decoded->bytes()) {
    octets += static_cast<char>(octet);
  }
  return octets;
}

bool ascend(std::string_view numbers) {
  for (std::size_t i = 2; i + 1 < numbers.size(); i += 2) {
    if (get_u16(numbers.substr(i)) <= get_u16(numbers.substr(i - 2))) {
      return false;
    }
  }
  return true;
}

bool are_protocols(std::string_view value) {
  if (value.empty()) {
    return false;
  }
  while (!value.empty()) {
    const std::size_t length = static_cast<unsigned char>(value[0]);
    if (length == 0 || length >= value.size()) {
      return false;
    }
    value.remove_prefix(1 + length);
  }
  return true;
}

std::string print_addresses(std::string_view value, bool v4) {
  std::string text;
  for (; !value.empty(); value.remove_prefix(v4 ? 4 : 16)) {
    std::array<std::uint8_t, 16> octets{};
    std::transform(value.begin(), value.begin() + (v4 ? 4 : 16), octets.begin(),
                   [](char octet) { return static_cast<std::uint8_t>(octet); });
    text += text.empty() ? "" : ",";
    text += v4 ? net::IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]}).to_string()
               : net::IpAddress::from_v6(octets).to_string();
  }
  return text;
}

std::string print_protocols(std::string_view value) {
  std::string list;
  while (!value.empty()) {
    const std::size_t length = static_cast<unsigned char>(value[0]);
    list += list.empty() ? "" : ",";
    for (const char octet : value.substr(1, length)) {
      if (octet == ',' || octet == '\\') {
        list += '\\';
      }
      list += octet;
    }
    value.remove_prefix(1 + length);
  }
  return quote(list);
}

std::string print_keys(std::string_view value) {
  std::string text;
  for (; !value.empty(); value.remove_prefix(2)) {
    text += text.empty() ? "" : ",";
    text += svc_key_name(get_u16(value));
  }
  return text;
}

}  // namespace

std::string svc_key_name(std::uint16_t key) {
  return key < kKeys.size() ? std::string(kKeys[key].name) : "key" + std::to_string(key);
}

std::expected<SvcKey, std::string> parse_svc_key(std::string_view text) {
  const auto* const row = std::ranges::find(kKeys, text, &Row::name);
  if (row != kKeys.end()) {
    return SvcKey{static_cast<std::uint16_t>(row - kKeys.begin()), false};
  }
  constexpr std::string_view kPrefix = "key";
  const std::string_view digits =
      text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : std::string_view();
  SvcKey key{0, true};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), key.number);
  const bool leading_zero = digits.size() > 1 && digits.front() == '0';
  if (error != std::errc{} || end != digits.data() + digits.size() || leading_zero) {
    return std::unexpected("\"" + std::string(text) +
                           "\" is no parameter of SVCB; known are mandatory, alpn, "
                           "no-default-alpn, port, ipv4hint, ech, ipv6hint and key0 to key65535, "
                           "in lower case");
  }
  return key;
}

Octets parse_svc_value(const SvcKey& key, std::string_view value) {
  const Form form = key.generic ? Form::octets : form_of(key.number);
  if (form == Form::octets) {
    return std::string(value);
  }
  if (form == Form::base64) {
    return parse_base64(value);
  }
  if (form == Form::nothing) {
    return value.empty() ? Octets("") : std::unexpected("no-default-alpn takes no value");
  }
  if (value.empty()) {
    return std::unexpected(svc_key_name(key.number) + " needs a value");
  }
  if (form == Form::port) {
    return parse_number(value, 2);
  }
  const auto items = split_list(value);
  if (!items) {
    return std::unexpected(items.error());
  }
  if (form == Form::keys) {
    return join_keys(*items);
  }
  return form == Form::protocols ? join_protocols(*items)
                                 : join_addresses(*items, form == Form::ipv4);
}

bool has_svc_form(std::uint16_t key, std::string_view value) {
  switch (form_of(key)) {
    case Form::keys:
      return !value.empty() && value.size() % 2 == 0 && ascend(value);
    case Form::protocols:
      return are_protocols(value);
    case Form::nothing:
      return value.empty();
    case Form::port:
      return value.size() == 2;
    case Form::ipv4:
      return !value.empty() && value.size() % 4 == 0;
    case Form::ipv6:
      return !value.empty() && value.size() % 16 == 0;
    case Form::base64:
    case Form::octets:
      break;
  }
  return true;
}

std::string print_svc_value(std::uint16_t key, std::string_view value) {
  switch (form_of(key)) {
    case Form::keys:
      return print_keys(value);
    case Form::protocols:
      return print_protocols(value);
    case Form::port:
      return std::to_string(get_u16(value));
    case Form::ipv4:
      return print_addresses(value, true);
    case Form::ipv6:
      return print_addresses(value, false);
    case Form::base64:
      return net::encode_base64(value);
    case Form::nothing:
    case Form::octets:
      break;
  }
  return quote(value);
}

}  // namespace ronda::dnsupdate
