// Names, RRsets and changes out of text, for tests; bad text throws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dnsupdate/update/outcome.hpp"

namespace ronda::test {

using Strings = std::vector<std::string>;

inline dnsupdate::Name name(const std::string& text) {
  return dnsupdate::Name::parse(text).value();
}

inline dnsupdate::RrsetKey key_of(const std::string& owner,
                                  dnsupdate::RrType type = dnsupdate::RrType::A) {
  return {.owner = name(owner), .type = type};
}

inline dnsupdate::RrSet rrset(const std::string& owner, const Strings& data,
                              dnsupdate::RrType type = dnsupdate::RrType::A,
                              std::uint32_t ttl = 60) {
  dnsupdate::RrSet set{.key = key_of(owner, type), .ttl = data.empty() ? 0 : ttl};
  for (const std::string& text : data) {
    set.insert(dnsupdate::Rdata::parse(type, text).value());
  }
  return set;
}

inline dnsupdate::RrsetChange change(const dnsupdate::RrSet& observed, const Strings& wanted,
                                     std::uint32_t ttl = 60) {
  return {.observed = observed,
          .wanted = rrset(observed.key.owner.to_string(), wanted, observed.key.type, ttl)};
}

}  // namespace ronda::test
