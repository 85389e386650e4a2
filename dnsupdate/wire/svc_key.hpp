// The keys of service parameters (RFC 9460 7, 14.3.2): seven whose values have a form of their own
// in text and in octets; every other one is octets under its number.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace ronda::dnsupdate {

struct SvcKey {
  std::uint16_t number = 0;
  bool generic = false;  // written as keyNNNNN: the value is octets, whatever the key
};

std::expected<SvcKey, std::string> parse_svc_key(std::string_view text);
std::string svc_key_name(std::uint16_t key);

// The value's octets from its text without the escapes of \X and \DDD; the error is a sentence.
std::expected<std::string, std::string> parse_svc_value(const SvcKey& key, std::string_view value);
bool has_svc_form(std::uint16_t key, std::string_view octets);
// Takes octets that have the key's form.
std::string print_svc_value(std::uint16_t key, std::string_view octets);

}  // namespace ronda::dnsupdate
