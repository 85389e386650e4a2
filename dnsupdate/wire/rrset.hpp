// All records of one owner and type: the unit that is read, compared, asserted and written. Order
// and duplicates carry no meaning, so the data is kept sorted and unique. TTL is not part of what a
// prerequisite compares (RFC 2136 2.4.2) and not part of same_records().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rdata.hpp"
#include "dnsupdate/wire/rr_type.hpp"

namespace ronda::dnsupdate {

struct RrsetKey {
  Name owner{};
  RrType type = RrType::A;
  friend auto operator<=>(const RrsetKey&, const RrsetKey&) = default;
  friend bool operator==(const RrsetKey&, const RrsetKey&) = default;
};

struct RrSet {
  RrsetKey key{};             // the owner in the zone's own spelling where it was read
  std::uint32_t ttl = 0;      // seconds; 0 while empty
  std::vector<Rdata> data{};  // sorted, unique; empty: the RRset does not exist

  bool empty() const { return data.empty(); }
  bool contains(const Rdata& rdata) const;
  void insert(Rdata rdata);  // keeps order, ignores what is there already
  void erase(const Rdata& rdata);
  std::vector<std::string> to_strings()
      const;  // presentation forms, sorted as addresses are: by data
  friend bool operator==(const RrSet&, const RrSet&) = default;
};

bool same_records(const RrSet& a, const RrSet& b);  // owner, type and data; not the TTL

}  // namespace ronda::dnsupdate
