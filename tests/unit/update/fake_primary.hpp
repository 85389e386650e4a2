// An RFC 2136 primary in memory: evaluates prerequisites, applies updates, answers queries. It has
// no sockets and no TSIG; it speaks in messages. What BIND does beside the RFC is set by knobs:
// names that policy denies, additions silently ignored, a visible copy that lags behind what was
// committed.
#pragma once

#include <map>
#include <set>

#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/rrset.hpp"

namespace ronda::test {

class FakePrimary {
 public:
  explicit FakePrimary(dnsupdate::Name zone) : zone_(std::move(zone)) {}

  void put(const dnsupdate::RrSet& set);  // committed and visible
  dnsupdate::RrSet committed(const dnsupdate::RrsetKey& key) const;
  dnsupdate::Reply answer(const dnsupdate::Message& message);
  void publish() { visible_ = committed_; }

  std::set<dnsupdate::Name> denied{};
  bool ignores_additions = false;
  bool publishes_at_once = true;
  bool has_dnssec_keys = false;
  int lost_transfers = 0;  // so many effective updates are shown only with the next effective one
  std::uint32_t ttl_limit = 86'400;
  std::size_t record_limit = 100;  // of an RRset; past it: SERVFAIL
  dnsupdate::Rcode failure{};      // of every UPDATE with an effect, when not NOERROR
  bool frozen = false;
  int updates = 0;
  int effective_updates = 0;

 private:
  using Zone = std::map<dnsupdate::RrsetKey, dnsupdate::RrSet>;

  dnsupdate::Rcode update(const dnsupdate::Message& message);
  bool apply(const dnsupdate::Message& message);
  dnsupdate::Rcode check_prerequisites(const dnsupdate::Message& message) const;
  bool exists(const dnsupdate::RrsetKey& key) const;
  bool name_exists(const dnsupdate::Name& owner) const;
  void query(const dnsupdate::Message& message, dnsupdate::Message& reply) const;

  dnsupdate::Name zone_;
  Zone committed_{};
  Zone visible_{};
  std::uint32_t serial_ = 1;
};

}  // namespace ronda::test
