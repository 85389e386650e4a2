// The command line as a value: a command to execute, or a text to print and a code to leave with.
// The parser library is seen by arguments.cpp alone.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/cli/commands.hpp"

namespace ronda::agent {

// --help, --version and wrong usage.
struct Leave {
  int code = 0;
  std::string output{};  // for stdout
  std::string errors{};  // for stderr
};

using Arguments = std::variant<Command, Leave>;

// Without the program's own name. Every usage error is code 64, with --json as JSON on stdout, too.
Arguments parse_arguments(std::vector<std::string> arguments);

// Somebody reads stdout as JSON, whatever becomes of the command.
bool wants_json(const std::vector<std::string>& arguments);

}  // namespace ronda::agent
