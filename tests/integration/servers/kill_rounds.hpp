// kill -9 of a real server at random moments of updates, ten of them under way each time, and how
// what was reported agrees with what the zone holds after the restart.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dnsupdate/io/client.hpp"

namespace ronda::test {

struct Victim {
  std::function<void()> kill{};
  std::function<void()> start{};  // again, with the zone as it was left
};

struct KillTally {
  std::map<dnsupdate::OutcomeKind, int> count{};
  int landed = 0;                   // changes that are in the zone
  std::vector<std::string> lies{};  // outcomes that do not agree with the zone
};

KillTally kill_at_random_moments(const dnsupdate::ClientSettings& settings, const Victim& victim,
                                 int updates, unsigned seed);

}  // namespace ronda::test
