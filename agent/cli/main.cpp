#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "agent/cli/arguments.hpp"
#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/ops/status_json.hpp"

namespace {

using Words = std::vector<std::string>;

int give_up(const Words& arguments, const std::string& why) {
  if (ronda::agent::wants_json(arguments)) {
    ronda::agent::say(ronda::agent::failure_json(ronda::agent::kExitUnknown, {why}));
  }
  ronda::agent::talk(why);
  return ronda::agent::kExitUnknown;
}

std::string unexpected(const std::exception& bug) {
  return "internal error: " + std::string(bug.what()) + "; please report it";
}

// What this machine is short of is no fault of the program; empty: it is something else.
std::string shortage(const std::system_error& refused) {
  const std::error_code& code = refused.code();
  const bool own_limit = code == std::errc::too_many_files_open;
  if (!own_limit && code != std::errc::too_many_files_open_in_system &&
      code != std::errc::not_enough_memory && code != std::errc::no_buffer_space &&
      code != std::errc::resource_unavailable_try_again) {
    return "";
  }
  return "cannot go on, this machine gives no more: " + code.message() +
         (own_limit ? "; raise the limit of open files (ulimit -n, LimitNOFILE= of a unit)" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const Words arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    const auto parsed = ronda::agent::parse_arguments(arguments);
    if (const auto* leave = std::get_if<ronda::agent::Leave>(&parsed)) {
      std::fputs(leave->output.c_str(), stdout);
      std::fputs(leave->errors.c_str(), stderr);
      return leave->code;
    }
    return std::visit([](const auto& command) { return ronda::agent::execute(command); },
                      std::get<ronda::agent::Command>(parsed));
  } catch (const std::bad_alloc&) {
    return give_up(arguments, "cannot go on: no memory left");
  } catch (const std::system_error& refused) {
    const std::string short_of = shortage(refused);
    return give_up(arguments, short_of.empty() ? unexpected(refused) : short_of);
  } catch (const std::exception& bug) {
    return give_up(arguments, unexpected(bug));
  }
}
