#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/reader.hpp"
#include "agent/ops/validation.hpp"

namespace ronda::agent {

int execute(const ValidateCommand& command) {
  const ConfigResult config = read_config(command.config);
  if (command.json) {
    say(validation_json(command.config, config));
  } else if (config) {
    say(validation_text(*config));
    for (const std::string& warning : config->warnings) {
      talk_plain(warning);
    }
  } else {
    show_problems(config.error());
  }
  return config ? 0 : kExitBadConfig;
}

}  // namespace ronda::agent
