// Which names of a zone have something to watch over: two addresses of one family or more. Fed with
// the zone's records, or with single RRsets; says of everything it leaves out why. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/first/guess.hpp"
#include "dnsupdate/wire/message.hpp"
#include "dnsupdate/wire/rrset.hpp"
#include "net/address.hpp"

namespace ronda::agent {

struct FoundOwner {
  dnsupdate::Name owner{};
  std::vector<net::IpAddress> addresses{};  // sorted
  std::uint32_t ttl = 0;                    // the longest of its RRsets
  Role role = Role::none;
  friend bool operator==(const FoundOwner&, const FoundOwner&) = default;
};

struct SurveyReport {
  std::vector<FoundOwner> owners{};  // the apex first, then by name
  std::vector<std::string> notes{};  // sentences
};

class Survey {
 public:
  explicit Survey(dnsupdate::Name zone) : zone_(std::move(zone)) {}

  // Any record of the zone; those that say nothing about addresses are not kept.
  void add(const dnsupdate::ResourceRecord& record);
  void add(const dnsupdate::RrSet& set);
  // Asked for by name: taken with one address too.
  void want(const dnsupdate::Name& owner) { wanted_.insert(owner); }
  SurveyReport finish() const;

 private:
  struct Owner {
    std::set<net::IpAddress> addresses{};
    std::uint32_t ttl = 0;
  };
  bool is_delegated(const dnsupdate::Name& name) const;
  // The wildcard that may have made up the answer for this name: only known of single RRsets.
  const Owner* wildcard_for(const dnsupdate::Name& name) const;

  dnsupdate::Name zone_;
  std::map<dnsupdate::Name, Owner> owners_{};
  std::set<dnsupdate::Name> wanted_{};
  std::set<dnsupdate::Name> cuts_{};
  std::set<dnsupdate::Name> mail_{};
  std::set<dnsupdate::Name> name_servers_{};
  bool whole_ = false;  // fed with the zone's records: a wildcard's own records are known apart
};

// What a name on the command line means in this zone: "www", "@", or a whole name inside the zone.
std::expected<dnsupdate::Name, std::string> name_in_zone(const std::string& text,
                                                         const dnsupdate::Name& zone);
// Asked for one by one where the zone is not handed out: the usual names of services, and the
// wildcard, to know its answers from theirs.
std::vector<dnsupdate::Name> usual_names(const dnsupdate::Name& zone);

}  // namespace ronda::agent
