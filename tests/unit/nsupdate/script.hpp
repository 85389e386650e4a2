// A session fed with lines, for the tests of nsupdate's language.
#pragma once

#include <string>
#include <string_view>

#include "dnsupdate/nsupdate/interpreter.hpp"
#include "dnsupdate/nsupdate/message_text.hpp"

namespace ronda::test {

struct Script {
  dnsupdate::ScriptSession session{};
  dnsupdate::InterpreterSettings settings{.version = "ronda nsupdate 1"};
  dnsupdate::Interpreter interpreter{session, settings};

  dnsupdate::LineResult line(std::string_view text) { return interpreter.line(text); }
  // "" when the line was taken.
  std::string error(std::string_view text) {
    const dnsupdate::LineResult result = line(text);
    return result.action == dnsupdate::LineAction::failed ? result.text : "";
  }
  // The message's sections as text, without header and flags.
  std::string shown() {
    const std::string text = dnsupdate::message_text(session.message(session.zone));
    const std::size_t first = text.find('\n');
    return text.substr(text.find('\n', first + 1) + 1);
  }
};

}  // namespace ronda::test
