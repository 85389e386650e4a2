#include "dnsupdate/wire/rrset.hpp"

#include <algorithm>

namespace ronda::dnsupdate {

bool RrSet::contains(const Rdata& rdata) const {
  return std::ranges::binary_search(data, rdata);
}

void RrSet::insert(Rdata rdata) {
  const auto place = std::ranges::lower_bound(data, rdata);
  if (place == data.end() || *place != rdata) {
    data.insert(place, std::move(rdata));
  }
}

void RrSet::erase(const Rdata& rdata) {
  const auto place = std::ranges::lower_bound(data, rdata);
  if (place != data.end() && *place == rdata) {
    data.erase(place);
  }
}

std::vector<std::string> RrSet::to_strings() const {
  std::vector<std::string> texts;
  texts.reserve(data.size());
  for (const Rdata& rdata : data) {
    texts.push_back(rdata.to_string());
  }
  return texts;
}

bool same_records(const RrSet& a, const RrSet& b) {
  return a.key == b.key && a.data == b.data;
}

}  // namespace ronda::dnsupdate
