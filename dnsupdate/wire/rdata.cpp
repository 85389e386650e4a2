#include "dnsupdate/wire/rdata.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "dnsupdate/wire/rdata_text.hpp"
#include "net/address.hpp"

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
constexpr std::array kAlgorithmRest{name, rest};
constexpr std::array kOpaque{rest};

struct Layout {
  RrType type;
  std::span<const RdataField> fields;
};

const std::array kLayouts{
    Layout{RrType::A, kAddress4},
    Layout{RrType::AAAA, kAddress6},
    Layout{RrType::NS, kOneName},
    Layout{RrType::CNAME, kOneName},
    Layout{RrType::PTR, kOneName},
    Layout{RrType::DNAME, kOneName},
    Layout{RrType::SOA, kSoa},
    Layout{RrType::MX, kPreferenceName},
    Layout{RrType::TXT, kText},
    Layout{RrType::SRV, kService},
    Layout{RrType::TSIG, kAlgorithmRest},
    Layout{RrType::OPT, kOpaque},
};

constexpr std::size_t kMaxRdata = 65535;

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
      length = name_length(octets);
      if (!Name::from_wire(octets.substr(0, length))) {
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
    case rest:
      length = octets.size();
      break;
  }
  if (length > octets.size()) {
    return std::nullopt;
  }
  return octets.substr(0, length);
}

struct Field {
  RdataField kind;
  std::string_view octets;
};

// Cuts octets into the fields of the type; nothing where they do not fit the layout exactly.
std::optional<std::vector<Field>> cut(RrType type, std::string_view octets) {
  std::vector<Field> fields;
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

std::string print_field(const Field& field) {
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
    case name: {
      const auto embedded = Name::from_wire(octets);
      return embedded ? embedded->to_string() : std::string();
    }
    case strings:
      return print_strings(octets);
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
    case name: {
      const auto parsed = Name::parse(token.raw);
      if (!parsed) {
        return std::unexpected(parsed.error());
      }
      return parsed->wire();
    }
    case strings:
    case rest:
      break;
  }
  return std::unexpected("only the form \\# LENGTH HEX is read for this type");
}

}  // namespace

std::span<const RdataField> rdata_layout(RrType type) {
  const auto* const row = std::ranges::find(kLayouts, type, &Layout::type);
  return row == kLayouts.end() ? std::span<const RdataField>(kOpaque) : row->fields;
}

std::expected<Rdata, std::string> Rdata::parse(RrType type, std::string_view text) {
  const auto tokens = split_tokens(text);
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
  const std::span<const RdataField> layout = rdata_layout(type);
  if (layout.front() == strings) {
    const auto octets = parse_strings(*tokens);
    if (!octets) {
      return std::unexpected(octets.error());
    }
    return from_wire(type, *octets);
  }
  if (layout.back() == rest) {
    return std::unexpected("the data of " + dnsupdate::to_string(type) +
                           " is read only as \\# LENGTH HEX (RFC 3597)");
  }
  if (tokens->size() != layout.size()) {
    return std::unexpected(
        "the data of " + dnsupdate::to_string(type) + " has " + std::to_string(layout.size()) +
        (layout.size() == 1 ? " field" : " fields") + ", not " + std::to_string(tokens->size()));
  }
  std::string wire;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto octets = parse_field(layout[i], (*tokens)[i]);
    if (!octets) {
      return std::unexpected(octets.error());
    }
    wire += *octets;
  }
  return Rdata(type, std::move(wire));
}

std::expected<Rdata, std::string> Rdata::from_wire(RrType type, std::string_view octets) {
  if (octets.size() > kMaxRdata) {
    return std::unexpected("the data of a record is longer than 65535 octets");
  }
  if (!cut(type, octets)) {
    return std::unexpected(std::to_string(octets.size()) + " octets do not have the form of " +
                           dnsupdate::to_string(type) + " data");
  }
  return Rdata(type, std::string(octets));
}

std::string Rdata::canonical_wire() const {
  const auto fields = cut(type_, wire_);
  if (!fields) {
    return wire_;
  }
  std::string canonical;
  for (const Field& field : *fields) {
    const auto embedded =
        field.kind == name ? Name::from_wire(field.octets) : std::expected<Name, std::string>();
    canonical += field.kind == name ? embedded->canonical_wire() : std::string(field.octets);
  }
  return canonical;
}

std::string Rdata::to_string() const {
  const auto fields = cut(type_, wire_);
  if (!fields || rdata_layout(type_).back() == rest) {
    return print_opaque(wire_);
  }
  std::string text;
  for (const Field& field : *fields) {
    if (!text.empty()) {
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
