#include "probes/exec.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

SetOutcome set_argv(CheckSpec& check, const std::vector<std::string>& argv) {
  constexpr std::size_t kMostArguments = 256;
  constexpr std::size_t kLongestArgument = 16'384;
  if (argv.empty() || argv.size() > kMostArguments) {
    return std::unexpected("wants a program and at most 255 arguments");
  }
  for (std::size_t index = 0; index < argv.size(); ++index) {
    const std::string place = "item " + std::to_string(index + 1) + ": ";
    const std::string& text = argv[index];
    if (text.find('\0') != std::string::npos || text.size() > kLongestArgument) {
      return std::unexpected(place + "an argument has at most 16384 octets, none of them zero");
    }
    if (const auto strange = unknown_placeholder(text); !strange.empty()) {
      return std::unexpected(place + in_quotes(strange) +
                             " is none of {address} {port} {service} {replica}; where braces are "
                             "meant, put a space behind the first");
    }
  }
  if (argv.front().find('{') != std::string::npos) {
    return std::unexpected("item 1: the program's own path takes no placeholder");
  }
  std::get<ExecCheck>(check.protocol).argv = argv;
  return {};
}

SetOutcome set_exit_codes(CheckSpec& check, const std::string& text) {
  if (text != "nagios" && text != "mon") {
    return std::unexpected(in_quotes(text) + " is neither \"nagios\" nor \"mon\"");
  }
  std::get<ExecCheck>(check.protocol).exit_codes =
      text == "mon" ? ExitCodes::mon : ExitCodes::nagios;
  return {};
}

}  // namespace ronda::probes
