// A domain name as RFC 1035 3.1 has it: labels of 1 to 63 octets, 255 in all with the root. Always
// absolute. Spelling is kept, comparison ignores ASCII case (RFC 4343).
#pragma once

#include <compare>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::dnsupdate {

class Name {
 public:
  Name() : wire_(1, '\0') {}  // the root
  // Master-file text (RFC 1035 5.1): "www.example.com", final dot optional, \. and \DDD escapes.
  // The error is a sentence; a non-ASCII name is told to be written as A-label.
  static std::expected<Name, std::string> parse(std::string_view text);
  // From uncompressed wire octets, checked.
  static std::expected<Name, std::string> from_wire(std::string_view wire);

  // Without the final dot, except "." for the root; special octets escaped.
  std::string to_string() const;
  const std::string& wire() const { return wire_; }  // uncompressed octets as spelled
  std::string canonical_wire() const;                // lower case (RFC 4034 6.2)
  std::size_t label_count() const;                   // without the root
  bool is_root() const { return wire_.size() == 1; }
  bool is_within(const Name& ancestor) const;  // equal or below, on a label boundary
  Name parent() const;                         // the root's parent is the root

  friend bool operator==(const Name& a, const Name& b);
  friend std::strong_ordering operator<=>(const Name& a, const Name& b);  // total, case-insensitive

 private:
  explicit Name(std::string wire) : wire_(std::move(wire)) {}
  std::string wire_;
};

}  // namespace ronda::dnsupdate
