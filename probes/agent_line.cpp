#include "probes/agent_line.hpp"

#include <algorithm>

namespace ronda::probes {

namespace {

constexpr std::string_view kBlanks = " \t,";

std::string lower(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

// The digits of "75%", "weight:75%" and "weight:75"; empty: no weight.
std::string_view weight_of(std::string_view word) {
  constexpr std::string_view kWeight = "weight:";
  const bool named = word.starts_with(kWeight);
  word.remove_prefix(named ? kWeight.size() : 0);
  const bool share = word.ends_with('%');
  word.remove_suffix(share ? 1 : 0);
  return (named || share) && is_number(word) ? word : std::string_view();
}

// How many connections a replica takes is nothing that DNS could follow.
bool is_most_connections(std::string_view word) {
  constexpr std::string_view kMost = "maxconn:";
  return word.starts_with(kMost) && is_number(word.substr(kMost.size()));
}

// What the words of one line say, kind by kind.
struct Said {
  std::optional<bool> down{};
  std::optional<bool> drain{};
  std::optional<bool> weightless{};
  bool more = false;

  void take(const std::string& word) {
    if (word == "up" || word == "down" || word == "fail" || word == "stopped") {
      down = word != "up";
    } else if (word == "ready" || word == "drain" || word == "maint") {
      drain = word != "ready";
    } else if (const std::string_view weight = weight_of(word); !weight.empty()) {
      // A record is in the answer or it is not: of the weights only nothing means something.
      weightless = weight.find_first_not_of('0') == std::string_view::npos;
    } else {
      more = more || is_most_connections(word);
    }
  }
  std::optional<AgentWord> word() const {
    if (down.value_or(false)) {
      return AgentWord::down;
    }
    if (drain.value_or(false) || weightless.value_or(false)) {
      return AgentWord::drain;
    }
    return down || drain || weightless || more ? std::optional(AgentWord::up) : std::nullopt;
  }
};

}  // namespace

AgentLine parse_agent_line(std::string_view line) {
  AgentLine parsed;
  if (const auto mark = line.find('#'); mark != std::string_view::npos) {
    std::string_view description = line.substr(mark + 1);
    description.remove_prefix(std::min(description.find_first_not_of(kBlanks), description.size()));
    parsed.description = description;
    line = line.substr(0, mark);
  }
  Said said;
  while (!line.empty()) {
    const auto end = std::min(line.find_first_of(kBlanks), line.size());
    said.take(lower(line.substr(0, end)));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  parsed.word = said.word();
  return parsed;
}

}  // namespace ronda::probes
