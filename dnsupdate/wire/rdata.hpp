// The data of one record: its type and its octets, names inside expanded. What the octets mean is a
// table of layouts (rdata_layout.cpp), one row a type; a type without a row is opaque (RFC 3597).
// Equality ignores the case of embedded names as a server's prerequisite match does (RFC
// 2136 1.1.1); in SVCB and HTTPS it does not, nor does BIND.
#pragma once

#include <compare>
#include <expected>
#include <string>
#include <string_view>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

class Rdata {
 public:
  Rdata() = default;
  // Presentation form, for example "192.0.2.1", "10 mail1.example.com", "\"v=spf1\" \"-all\"",
  // "1 . alpn=h2,h3", "\\# 4 c0000201". Relative names do not exist here. The error is a sentence.
  static std::expected<Rdata, std::string> parse(RrType type, std::string_view text);
  // Uncompressed octets; checked against the type's layout.
  static std::expected<Rdata, std::string> from_wire(RrType type, std::string_view octets);

  RrType type() const { return type_; }
  const std::string& wire() const { return wire_; }
  std::string canonical_wire() const;  // embedded names in lower case, where case is no matter
  std::string to_string() const;       // presentation form; names without the final dot

  friend bool operator==(const Rdata& a, const Rdata& b);
  friend std::strong_ordering operator<=>(const Rdata& a, const Rdata& b);

 private:
  Rdata(RrType type, std::string wire) : type_(type), wire_(std::move(wire)) {}
  RrType type_ = RrType::A;
  std::string wire_{};
};

}  // namespace ronda::dnsupdate
