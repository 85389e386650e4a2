// Several clients change one RRset of a real server at the same time, each by compare-and-swap, and
// what they were told. Whether that is the truth is for the caller to judge: by the server's
// journal where there is one, by `one_story` and the serial elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dnsupdate/io/client.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {

constexpr int kRaceMembers = 8;
constexpr const char* kRaceOwner = "raced.example.com";

// The records that the RRset has at the start.
Strings race_members();

struct RaceTally {
  std::vector<dnsupdate::RrsetChange> applied{};
  std::vector<dnsupdate::RrsetChange> open{};  // reported unknown: may be in the zone or not
  int conflicts = 0;
  int unchanged = 0;  // somebody else has just done the same
  int rejected = 0;
  std::size_t smallest = 1000;        // RRset that anybody saw
  std::vector<std::string> faults{};  // what must not happen at all
};

// Eight clients remove a member each until one is left, then one client puts all back; so many
// times.
RaceTally race_of_removals(const dnsupdate::ClientSettings& settings, int rounds);
// Four clients add and remove members at random for so long.
RaceTally race_at_random(const dnsupdate::ClientSettings& settings, net::Duration duration,
                         unsigned seed);

// Whether the applied changes and `landed` of the open ones can be put into an order that leads
// from the first set to the last, each beginning with what the one before it left behind: if not, a
// change was not carried out, or something else was. Tries every choice of the open ones: for a
// few.
bool one_story(const RaceTally& tally, std::size_t landed, const dnsupdate::RrSet& first,
               const dnsupdate::RrSet& last);

}  // namespace ronda::test
