// What `ronda probe CHECK TARGET` asks: a check as the config aims it at an address, or at every
// address of a replica. Pure.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "agent/config/config.hpp"

namespace ronda::agent {

struct ProbeTarget {
  MemberCheck check{};
  std::string as{};  // the name it asks by, where the config has several to choose from
};

// `target` is ADDRESS, ADDRESS:PORT or SERVICE/REPLICA. The error is a sentence.
std::expected<std::vector<ProbeTarget>, std::string> find_targets(const Config& config,
                                                                  const std::string& check,
                                                                  const std::string& target);

}  // namespace ronda::agent
