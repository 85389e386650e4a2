#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/cli/arguments.hpp"
#include "agent/cli/commands.hpp"

int main(int argc, char** argv) {
  try {
    const auto parsed = ronda::agent::parse_arguments(
        std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    if (const auto* leave = std::get_if<ronda::agent::Leave>(&parsed)) {
      std::fputs(leave->output.c_str(), stdout);
      std::fputs(leave->errors.c_str(), stderr);
      return leave->code;
    }
    return std::visit([](const auto& command) { return ronda::agent::execute(command); },
                      std::get<ronda::agent::Command>(parsed));
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "ronda: internal error: %s; please report it\n", bug.what());
    return ronda::agent::kExitUnknown;
  }
}
