// What an exec check tells its program and what the program's end means: command line, environment,
// verdict. Nothing here runs anything; exec_runner does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/child_process.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

// The first {word} in an argument that is no placeholder, or nothing. Braces around anything but
// lower-case letters are the program's own.
std::string_view unknown_placeholder(std::string_view argument);
bool uses_port(const ExecCheck& check);

// Every placeholder replaced, once: a name that looks like one stays as it is.
std::vector<std::string> command_of(const ExecCheck& check, const net::Endpoint& endpoint);
// All that the program inherits. RONDA_PORT is absent where the check has no port.
std::vector<std::string> environment_of(const ExecCheck& check, const net::Endpoint& endpoint);
// For a person to read and to paste into a shell.
std::string shell_text(const std::vector<std::string>& command);

ProbeResult judge_exit(ExitCodes codes, const net::ChildExit& exit);

}  // namespace ronda::probes
