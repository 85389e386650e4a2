#include "agent/cli/output.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "agent/cli/commands.hpp"
#include "agent/ops/status_json.hpp"
#include "agent/ops/status_text.hpp"

namespace ronda::agent {

void say(std::string_view data) {
  std::fwrite(data.data(), 1, data.size(), stdout);
  std::fflush(stdout);
}

void talk(std::string_view line) {
  const std::string text = "ronda: " + std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void talk_plain(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool color_wanted() {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || refused[0] == '\0') && !dumb;
}

bool talk_is_seen() {
  return ::isatty(STDERR_FILENO) == 1;
}

void show_problems(const std::vector<ConfigProblem>& problems) {
  for (const ConfigProblem& problem : problems) {
    std::string text = problem.to_string();
    if (!text.ends_with('\n')) {
      text += '\n';
    }
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
}

std::vector<std::string> to_sentences(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> sentences;
  for (const ConfigProblem& problem : problems) {
    const std::string text = problem.to_string();
    sentences.push_back(text.substr(0, text.find('\n')));
  }
  return sentences;
}

int could_not_judge(bool json, WriteMode mode, const std::vector<std::string>& errors) {
  if (json) {
    say(failure_json(mode, errors));
    return kExitUnknown;
  }
  Snapshot nothing;
  nothing.mode = mode;
  nothing.errors = errors;
  say(nagios_line(nothing) + "\n");
  return kExitUnknown;
}

}  // namespace ronda::agent
