// One entry of a service's `load`, or its `freshness`, as it was read: what is asked of each
// replica, and what the answer means.
#pragma once

#include "agent/config/check_reader.hpp"
#include "agent/config/config.hpp"

namespace ronda::agent {

struct ReadReport {
  ReadCheck check{};
  DemotionRule rule{};
  // Freshness: asked where and as the replica's own check of that protocol asks.
  bool like_its_check = false;
};

}  // namespace ronda::agent
