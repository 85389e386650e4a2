#include "dnsupdate/wire/rdata.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "dnsupdate/wire/rdata_layout.hpp"
#include "dnsupdate/wire/rdata_text.hpp"
#include "dnsupdate/wire/svc_params.hpp"
#include "net/address.hpp"

namespace ronda::dnsupdate {
namespace {

using enum RdataField;

constexpr std::size_t kMaxRdata = 65535;

std::string print_field(const FieldOctets& field) {
  const std::string_view octets = field.octets;
  switch (field.kind) {
    case u8:
    case u16:
    case u32: {
      std::uint32_t number = 0;
      for (const char octet : octets) {
        number = number << 8 | static_cast<unsigned char>(octet);
      }
      return std::to_string(number);
    }
    case ipv4: {
      std::array<std::uint8_t, 4> address{};
      std::ranges::transform(octets, address.begin(),
                             [](char octet) { return static_cast<std::uint8_t>(octet); });
      return net::IpAddress::from_v4(address).to_string();
    }
    case ipv6: {
      std::array<std::uint8_t, 16> address{};
      std::ranges::transform(octets, address.begin(),
                             [](char octet) { return static_cast<std::uint8_t>(octet); });
      return net::IpAddress::from_v6(address).to_string();
    }
    case name:
    case exact_name: {
      const auto embedded = Name::from_wire(octets);
      return embedded ? embedded->to_string() : std::string();
    }
    case tag:
      return std::string(octets.substr(1));
    case RdataField::text:
      return quote(octets);
    case strings:
      return print_strings(octets);
    case parameters:
      return print_svc_params(octets);
    case rest:
      break;
  }
  return print_opaque(octets);
}

std::expected<std::string, std::string> parse_address(std::string_view text, bool want_v4) {
  const auto address = net::IpAddress::parse(text);
  if (!address || address->is_v4() != want_v4) {
    return std::unexpected("\"" + std::string(text) + "\" is not an " +
                           (want_v4 ? "IPv4" : "IPv6") + " address");
  }
  std::string octets;
  const std::size_t length = want_v4 ? 4 : 16;
  for (std::size_t i = 0; i < length; ++i) {
    octets += static_cast<char>(address->octets()[i]);
  }
  return octets;
}

std::expected<std::string, std::string> parse_field(RdataField field, const TextToken& token) {
  if (field == RdataField::text) {
    return unescape(token.raw);
  }
  if (token.quoted) {
    return std::unexpected("\"" + token.raw + "\" must not stand in quotes here");
  }
  switch (field) {
    case u8:
      return parse_number(token.raw, 1);
    case u16:
      return parse_number(token.raw, 2);
    case u32:
      return parse_number(token.raw, 4);
    case ipv4:
      return parse_address(token.raw, true);
    case ipv6:
      return parse_address(token.raw, false);
    case name:
    case exact_name: {
      const auto parsed = Name::parse(token.raw);
      if (!parsed) {
        return std::unexpected(parsed.error());
      }
      return parsed->wire();
    }
    case tag:
      if (!is_caa_tag(token.raw)) {
        return std::unexpected("the tag \"" + token.raw + "\" is not made of letters and digits");
      }
      return static_cast<char>(token.raw.size()) + token.raw;
    case RdataField::text:
    case strings:
    case parameters:
    case rest:
      break;
  }
  return std::unexpected("only the form \\# LENGTH HEX is read for this type");
}

// A field that takes any number of words.
bool is_open(RdataField field) {
  return field == strings || field == parameters;
}

std::expected<std::string, std::string> parse_fields(RrType type, std::vector<TextToken>& tokens) {
  const std::span<const RdataField> layout = rdata_layout(type);
  const bool open = is_open(layout.back());
  const std::size_t fixed = layout.size() - (open ? 1 : 0);
  if (tokens.size() < fixed || (!open && tokens.size() > fixed)) {
    return std::unexpected("the data of " + dnsupdate::to_string(type) + " has " +
                           (open ? "at least " : "") + std::to_string(fixed) +
                           (fixed == 1 ? " field" : " fields") + ", not " +
                           std::to_string(tokens.size()));
  }
  std::string wire;
  for (std::size_t i = 0; i < fixed; ++i) {
    const auto octets = parse_field(layout[i], tokens[i]);
    if (!octets) {
      return std::unexpected(octets.error());
    }
    wire += *octets;
  }
  if (!open) {
    return wire;
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(fixed));
  const auto octets = layout.back() == strings ? parse_strings(tokens) : parse_svc_params(tokens);
  if (!octets) {
    return std::unexpected(octets.error());
  }
  return wire + *octets;
}

// Parameters that contradict one another exist in octets only: as text they are refused.
bool has_text(const std::vector<FieldOctets>& fields) {
  return std::ranges::none_of(fields, [](const FieldOctets& field) {
    return field.kind == rest ||
           (field.kind == parameters && svc_params_conflict(field.octets).has_value());
  });
}

}  // namespace

std::expected<Rdata, std::string> Rdata::parse(RrType type, std::string_view text) {
  const std::span<const RdataField> layout = rdata_layout(type);
  auto tokens = split_tokens(text, layout.back() == parameters);
  if (!tokens) {
    return std::unexpected(tokens.error());
  }
  if (!tokens->empty() && tokens->front().raw == "\\#" && !tokens->front().quoted) {
    const auto octets = parse_opaque(*tokens);
    if (!octets) {
      return std::unexpected(octets.error());
    }
    return from_wire(type, *octets);
  }
  if (layout.back() == rest) {
    return std::unexpected("the data of " + dnsupdate::to_string(type) +
                           " is read only as \\# LENGTH HEX (RFC 3597)");
  }
  const auto wire = parse_fields(type, *tokens);
  if (!wire) {
    return std::unexpected(wire.error());
  }
  return from_wire(type, *wire);
}

std::expected<Rdata, std::string> Rdata::from_wire(RrType type, std::string_view octets) {
  if (octets.size() > kMaxRdata) {
    return std::unexpected("the data of a record is longer than 65535 octets");
  }
  if (!cut_rdata(type, octets)) {
    return std::unexpected(std::to_string(octets.size()) + " octets do not have the form of " +
                           dnsupdate::to_string(type) + " data");
  }
  return Rdata(type, std::string(octets));
}

std::string Rdata::canonical_wire() const {
  const auto fields = cut_rdata(type_, wire_);
  if (!fields) {
    return wire_;
  }
  std::string canonical;
  for (const FieldOctets& field : *fields) {
    const auto embedded =
        field.kind == name ? Name::from_wire(field.octets) : std::expected<Name, std::string>();
    canonical += field.kind == name ? embedded->canonical_wire() : std::string(field.octets);
  }
  return canonical;
}

std::string Rdata::to_string() const {
  const auto fields = cut_rdata(type_, wire_);
  if (!fields || !has_text(*fields)) {
    return print_opaque(wire_);
  }
  std::string text;
  for (const FieldOctets& field : *fields) {
    if (!text.empty() && !(field.kind == parameters && field.octets.empty())) {
      text += ' ';
    }
    text += print_field(field);
  }
  return text;
}

bool operator==(const Rdata& a, const Rdata& b) {
  return a.type_ == b.type_ && (a.wire_ == b.wire_ || a.canonical_wire() == b.canonical_wire());
}

std::strong_ordering operator<=>(const Rdata& a, const Rdata& b) {
  if (const auto order = a.type_ <=> b.type_; order != std::strong_ordering::equal) {
    return order;
  }
  return a.canonical_wire() <=> b.canonical_wire();
}

}  // namespace ronda::dnsupdate
