// Plays a list of events to a dialogue and writes down what it does, one short text an action:
// ">EHLO a", "tls", "close", "pass L7OK: detail".
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/dialogue.hpp"

namespace ronda::probes {

// "open", "upgraded", "side open", "side refused", "end", or "<bytes" that were heard.
inline void play(Dialogue& dialogue, std::string_view event, std::vector<std::string>& out) {
  DialogueActions actions;
  if (event == "open") {
    actions = dialogue.on(Opened{});
  } else if (event == "upgraded") {
    actions = dialogue.on(Upgraded{});
  } else if (event == "side open") {
    actions = dialogue.on(SideOpened{});
  } else if (event == "side refused") {
    actions = dialogue.on(SideFailed{"Connection refused"});
  } else if (event == "end") {
    actions = dialogue.on(Ended{});
  } else {
    actions = dialogue.on(Heard{event.substr(1)});
  }
  for (const DialogueAction& action : actions) {
    if (const auto* send = std::get_if<Send>(&action)) {
      out.push_back(">" + printable(send->bytes));
    } else if (std::holds_alternative<StartTls>(action)) {
      out.emplace_back("tls");
    } else if (const auto* side = std::get_if<OpenSide>(&action)) {
      out.push_back("side " + std::to_string(side->port));
    } else if (std::holds_alternative<Close>(action)) {
      out.emplace_back("close");
    } else if (const auto* finish = std::get_if<Finish>(&action)) {
      out.push_back(std::string(to_string(finish->result.verdict)) + " " +
                    to_string(finish->result.code) + ": " + finish->result.detail);
    }
  }
}

inline std::vector<std::string> play(Dialogue& dialogue, const std::vector<std::string>& events) {
  std::vector<std::string> out;
  for (const std::string& event : events) {
    play(dialogue, event, out);
  }
  return out;
}

// The same bytes, one at a time: pieces must never change the outcome.
inline std::vector<std::string> in_single_bytes(const std::vector<std::string>& events) {
  std::vector<std::string> pieces;
  for (const std::string& event : events) {
    if (!event.starts_with('<')) {
      pieces.push_back(event);
      continue;
    }
    for (const char byte : event.substr(1)) {
      pieces.push_back(std::string("<") + byte);
    }
  }
  return pieces;
}

}  // namespace ronda::probes
