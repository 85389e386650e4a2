// What the octets of a record's data are: the fields of each type in wire order, in one table, and
// the cutting of octets into them. For the readers and writers of this folder; others use Rdata.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

enum class RdataField : std::uint8_t {
  u8,
  u16,
  u32,
  ipv4,
  ipv6,
  name,
  exact_name,  // its case counts
  tag,         // a length and as many letters and digits (CAA)
  text,        // all that follows, without a length (CAA)
  strings,
  parameters,  // SvcParams
  rest,
};
std::span<const RdataField> rdata_layout(RrType type);

bool is_caa_tag(std::string_view octets);

struct FieldOctets {
  RdataField kind = RdataField::rest;
  std::string_view octets{};
};

// Nothing where the octets do not fit the layout of the type exactly.
std::optional<std::vector<FieldOctets>> cut_rdata(RrType type, std::string_view octets);

}  // namespace ronda::dnsupdate
