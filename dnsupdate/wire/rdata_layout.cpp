#include "dnsupdate/wire/rdata_layout.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/svc_params.hpp"

namespace ronda::dnsupdate {
namespace {

using enum RdataField;

constexpr std::array kAddress4{ipv4};
constexpr std::array kAddress6{ipv6};
constexpr std::array kOneName{name};
constexpr std::array kSoa{name, name, u32, u32, u32, u32, u32};
constexpr std::array kPreferenceName{u16, name};
constexpr std::array kText{strings};
constexpr std::array kService{u16, u16, u16, name};
constexpr std::array kCaa{u8, tag, RdataField::text};
constexpr std::array kBinding{u16, exact_name, parameters};
constexpr std::array kAlgorithmRest{name, rest};
constexpr std::array kOpaque{rest};

struct Layout {
  RrType type;
  std::span<const RdataField> fields;
};

const std::array kLayouts{
    Layout{RrType::A, kAddress4},   Layout{RrType::AAAA, kAddress6},
    Layout{RrType::NS, kOneName},   Layout{RrType::CNAME, kOneName},
    Layout{RrType::PTR, kOneName},  Layout{RrType::DNAME, kOneName},
    Layout{RrType::SOA, kSoa},      Layout{RrType::MX, kPreferenceName},
    Layout{RrType::TXT, kText},     Layout{RrType::SRV, kService},
    Layout{RrType::SVCB, kBinding}, Layout{RrType::HTTPS, kBinding},
    Layout{RrType::CAA, kCaa},      Layout{RrType::TSIG, kAlgorithmRest},
    Layout{RrType::OPT, kOpaque},
};

std::size_t octet_value(char octet) {
  return static_cast<unsigned char>(octet);
}

std::size_t name_length(std::string_view octets) {
  std::size_t position = 0;
  while (position < octets.size()) {
    const std::size_t length = octet_value(octets[position]);
    if (length == 0) {
      return position + 1;
    }
    position += 1 + length;
  }
  return octets.size();
}

// The octets of one field at the start of `octets`, or nothing where they do not suffice.
std::optional<std::string_view> take_field(RdataField field, std::string_view octets) {
  std::size_t length = 0;
  switch (field) {
    case u8:
      length = 1;
      break;
    case u16:
      length = 2;
      break;
    case u32:
    case ipv4:
      length = 4;
      break;
    case ipv6:
      length = 16;
      break;
    case name:
    case exact_name:
      length = name_length(octets);
      if (!Name::from_wire(octets.substr(0, length))) {
        return std::nullopt;
      }
      break;
    case tag:
      if (!octets.empty()) {
        length = 1 + octet_value(octets[0]);
      }
      if (!is_caa_tag(octets.substr(std::min<std::size_t>(1, octets.size()), length - 1))) {
        return std::nullopt;
      }
      break;
    case parameters:
      length = octets.size();
      if (!are_svc_params(octets)) {
        return std::nullopt;
      }
      break;
    case strings:
      while (length < octets.size()) {
        length += 1 + octet_value(octets[length]);
      }
      if (length == 0) {
        return std::nullopt;
      }
      break;
    case RdataField::text:
    case rest:
      length = octets.size();
      break;
  }
  if (length > octets.size()) {
    return std::nullopt;
  }
  return octets.substr(0, length);
}

}  // namespace

std::span<const RdataField> rdata_layout(RrType type) {
  const auto* const row = std::ranges::find(kLayouts, type, &Layout::type);
  return row == kLayouts.end() ? std::span<const RdataField>(kOpaque) : row->fields;
}

// RFC 8659 4.1.
bool is_caa_tag(std::string_view octets) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return !octets.empty() && octets.size() <= 255 &&
         octets.find_first_not_of(kLetters) == std::string_view::npos;
}

std::optional<std::vector<FieldOctets>> cut_rdata(RrType type, std::string_view octets) {
  std::vector<FieldOctets> fields;
  for (const RdataField kind : rdata_layout(type)) {
    const auto taken = take_field(kind, octets);
    if (!taken) {
      return std::nullopt;
    }
    fields.push_back({kind, *taken});
    octets.remove_prefix(taken->size());
  }
  if (!octets.empty()) {
    return std::nullopt;
  }
  return fields;
}

}  // namespace ronda::dnsupdate
