// nsupdate's command language, one line at a time: it changes the session, or says what whoever
// runs the script has to do. Words of nsupdate 9.18 and 9.20; no IO, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dnsupdate/nsupdate/script_session.hpp"

namespace ronda::dnsupdate {

constexpr std::size_t kLongestLine = 262'144;  // the longest record fits, every octet escaped

enum class LineAction : std::uint8_t {
  go_on,
  look_up,  // the server was named: its addresses are wanted now
  send,
  quit,
  show,
  answer,
  print,   // `text` goes to stdout
  failed,  // `text` says why; a script ends here, a person may go on
};

struct LineResult {
  LineAction action = LineAction::go_on;
  std::string text{};
  std::string warning{};
  friend bool operator==(const LineResult&, const LineResult&) = default;
};

struct InterpreterSettings {
  std::uint16_t port = 53;
  bool local_only = false;  // "server" is refused
  std::string version{};    // what "version" prints
};

class Interpreter {
 public:
  // Both are borrowed.
  Interpreter(ScriptSession& session, const InterpreterSettings& settings)
      : session_(session), settings_(settings) {}

  LineResult line(std::string_view text);

 private:
  LineResult update(std::string_view arguments);
  LineResult prereq(std::string_view arguments);
  LineResult server(std::string_view arguments);
  LineResult local(std::string_view arguments);
  LineResult zone(std::string_view arguments);
  LineResult rr_class(std::string_view arguments);
  LineResult ttl(std::string_view arguments);
  LineResult key(std::string_view arguments);
  LineResult switch_names(std::string_view arguments);
  LineResult switch_svcb(std::string_view arguments);
  LineResult debug(std::string_view arguments);
  LineResult send(std::string_view arguments);
  LineResult quit(std::string_view arguments);
  LineResult show(std::string_view arguments);
  LineResult answer(std::string_view arguments);
  LineResult help(std::string_view arguments);
  LineResult version(std::string_view arguments);
  LineResult no_gss(std::string_view arguments);
  LineResult realm(std::string_view arguments);

  ScriptSession& session_;
  const InterpreterSettings& settings_;
};

}  // namespace ronda::dnsupdate
