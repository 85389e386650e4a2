// The line of an agent as HAProxy's agent-check has it: "up 75%", "drain # backup running". Words
// are separated by blanks and commas, in any case; of each kind (up/down, ready/drain, weight) the
// last counts, "maxconn:30" is a word, too; what follows "#" is for people. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/reading.hpp"

namespace ronda::probes {

struct AgentLine {
  std::optional<AgentWord> word{};  // empty: the line holds no word we know
  std::string description{};        // behind "#", as it came
};

// `line` without its end. Each line is the whole word of its agent: what an earlier one said does
// not hold on, so that "up" takes back a "drain" (HAProxy wants "ready" for that).
AgentLine parse_agent_line(std::string_view line);

}  // namespace ronda::probes
