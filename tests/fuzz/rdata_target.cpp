#include <cstdlib>

#include "dnsupdate/wire/rdata.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check(const std::expected<dnsupdate::Rdata, std::string>& read) {
  if (!read) {
    require(!read.error().empty());
    return;
  }
  const auto same = [&](const std::expected<dnsupdate::Rdata, std::string>& again) {
    return again && again->type() == read->type() && again->wire() == read->wire();
  };
  require(same(dnsupdate::Rdata::from_wire(read->type(), read->wire())));
  const std::string printed = read->to_string();
  require(same(dnsupdate::Rdata::parse(read->type(), printed)));
  for (const char letter : printed) {
    require(letter >= ' ' && letter <= '~');
  }
  const auto canonical = dnsupdate::Rdata::from_wire(read->type(), read->canonical_wire());
  require(canonical && *canonical == *read && (*canonical <=> *read) == 0);
}

}  // namespace

// A type, a blank, and the data of one record: as text, and as octets.
void rdata(std::span<const std::byte> input) {
  const std::string_view octets(reinterpret_cast<const char*>(input.data()), input.size());
  const std::size_t blank = octets.find(' ');
  const auto type = dnsupdate::parse_rr_type(octets.substr(0, blank));
  if (!type || blank == std::string_view::npos) {
    return;
  }
  const std::string_view data = octets.substr(blank + 1);
  check(dnsupdate::Rdata::parse(*type, data));
  check(dnsupdate::Rdata::from_wire(*type, data));
}

}  // namespace ronda::fuzz
