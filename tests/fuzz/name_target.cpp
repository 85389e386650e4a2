#include <cstdlib>

#include "dnsupdate/wire/name.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check(const dnsupdate::Name& name) {
  require(name.wire().size() <= 255);
  const auto as_wire = dnsupdate::Name::from_wire(name.wire());
  require(as_wire && as_wire->wire() == name.wire());
  // Octet for octet: what is printed keeps the spelling.
  const auto as_text = dnsupdate::Name::parse(name.to_string());
  require(as_text && as_text->wire() == name.wire());
  const auto canonical = dnsupdate::Name::from_wire(name.canonical_wire());
  require(canonical && *canonical == name && canonical->canonical_wire() == canonical->wire());
  require(name.is_within(name) && name.is_within(name.parent()));
  require(name.is_root() || (!name.parent().is_within(name) &&
                             name.parent().label_count() + 1 == name.label_count()));
}

}  // namespace

// The input as master-file text and as wire octets: a name, or a sentence why not.
void name(std::span<const std::byte> input) {
  const std::string_view octets(reinterpret_cast<const char*>(input.data()), input.size());
  for (const auto& read : {dnsupdate::Name::parse(octets), dnsupdate::Name::from_wire(octets)}) {
    if (read) {
      check(*read);
    } else {
      require(!read.error().empty());
    }
  }
}

}  // namespace ronda::fuzz
