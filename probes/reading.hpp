// What a probe has read beside its verdict, for those that report about a replica and judge nothing
// (`load`, `freshness`): numbers by name, or the word of an agent. Who is withheld for it is
// decided by agent/health/demotion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ronda::probes {

enum class AgentWord : std::uint8_t { up, drain, down };

struct Measure {
  std::string name{};  // "load_per_core"
  double value = 0;
  // A counter that only grows, of this part ("eth0"): what counts is how fast. Empty: a value.
  std::string part{};
  friend bool operator==(const Measure&, const Measure&) = default;
};

struct Reading {
  std::vector<Measure> measures{};
  std::optional<AgentWord> word{};
  std::string said{};  // for people: printable, short

  bool empty() const { return measures.empty() && !word; }
  friend bool operator==(const Reading&, const Reading&) = default;
};

}  // namespace ronda::probes
