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

bool is_percentage(std::string_view word) {
  return word.size() > 1 && word.ends_with('%') &&
         std::ranges::all_of(word.substr(0, word.size() - 1),
                             [](char c) { return c >= '0' && c <= '9'; });
}

// What the words of one line say, kind by kind.
struct Said {
  std::optional<bool> down{};
  std::optional<bool> drain{};
  std::optional<bool> weightless{};

  void take(const std::string& word) {
    if (word == "up" || word == "down" || word == "fail" || word == "stopped") {
      down = word != "up";
    } else if (word == "ready" || word == "drain" || word == "maint") {
      drain = word != "ready";
    } else if (is_percentage(word)) {
      // A record is in the answer or it is not: of the weights only nothing means something.
      weightless = word.find_first_not_of('0') == word.size() - 1;
    }
  }
  std::optional<AgentWord> word() const {
    if (down.value_or(false)) {
      return AgentWord::down;
    }
    if (drain.value_or(false) || weightless.value_or(false)) {
      return AgentWord::drain;
    }
    return down || drain || weightless ? std::optional(AgentWord::up) : std::nullopt;
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
