#include "probes/exec.hpp"

#include <algorithm>
#include <cstring>

namespace ronda::probes {

namespace {

constexpr std::string_view kWordLetters = "abcdefghijklmnopqrstuvwxyz_";
// A daemon's own PATH is what its manager left: programs get the same everywhere.
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The next {word} at or after `from`; empty at the end when there is none.
std::string_view next_word(std::string_view text, std::size_t from) {
  for (auto open = text.find('{', from); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find_first_not_of(kWordLetters, open + 1);
    if (close != std::string_view::npos && text[close] == '}' && close > open + 1) {
      return text.substr(open, close + 1 - open);
    }
  }
  return text.substr(text.size());
}

bool is_placeholder(std::string_view word) {
  return word == "{address}" || word == "{port}" || word == "{service}" || word == "{replica}";
}

std::string value_of(std::string_view word, const ExecCheck& check, const net::Endpoint& endpoint) {
  if (word == "{address}") {
    return endpoint.ip.to_string();
  }
  if (word == "{port}") {
    return std::to_string(endpoint.port);
  }
  if (word == "{service}") {
    return check.service;
  }
  return word == "{replica}" ? check.replica : std::string(word);
}

std::string expand(std::string_view text, const ExecCheck& check, const net::Endpoint& endpoint) {
  std::string expanded;
  std::size_t from = 0;
  while (true) {
    const std::string_view word = next_word(text, from);
    const auto at = static_cast<std::size_t>(word.data() - text.data());
    expanded += text.substr(from, at - from);
    if (word.empty()) {
      return expanded;
    }
    expanded += value_of(word, check, endpoint);
    from = at + word.size();
  }
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::string_view first_line(std::string_view text) {
  return trimmed(text.substr(0, text.find('\n')));
}

// What the program says in its first line; what follows "|" is for graphs. One that says nothing
// there may have complained on stderr.
std::string words_of(const net::ChildExit& exit) {
  const std::string_view line = std::string_view(exit.output).substr(0, exit.output.find('\n'));
  const std::string_view words = trimmed(line.substr(0, line.find('|')));
  return std::string(words.empty() ? first_line(exit.errors) : words);
}

std::string with_number(const net::ChildExit& exit, const std::string& words) {
  return "exit " + std::to_string(exit.code) + (words.empty() ? "" : ": " + words);
}

ProbeResult result(Verdict verdict, Code code, std::string_view detail) {
  return {.verdict = verdict, .code = code, .detail = printable(detail)};
}

}  // namespace

std::string_view unknown_placeholder(std::string_view argument) {
  std::string_view word = next_word(argument, 0);
  while (is_placeholder(word)) {
    word =
        next_word(argument, static_cast<std::size_t>(word.data() - argument.data()) + word.size());
  }
  return word;
}

bool uses_port(const ExecCheck& check) {
  return std::ranges::any_of(check.argv, [](const std::string& argument) {
    return argument.find("{port}") != std::string::npos;
  });
}

std::vector<std::string> command_of(const ExecCheck& check, const net::Endpoint& endpoint) {
  std::vector<std::string> command;
  for (const std::string& argument : check.argv) {
    command.push_back(command.empty() ? argument : expand(argument, check, endpoint));
  }
  return command;
}

std::vector<std::string> environment_of(const ExecCheck& check, const net::Endpoint& endpoint) {
  std::vector<std::string> environment{kPath,
                                       "LC_ALL=C",
                                       "RONDA_ADDRESS=" + endpoint.ip.to_string(),
                                       "RONDA_SERVICE=" + check.service,
                                       "RONDA_REPLICA=" + check.replica,
                                       "RONDA_CHECK=" + check.name};
  if (endpoint.port != 0) {
    environment.push_back("RONDA_PORT=" + std::to_string(endpoint.port));
  }
  return environment;
}

std::string shell_text(const std::vector<std::string>& command) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("_-./:=,@%+", c) != nullptr;
  };
  std::string text;
  for (const std::string& argument : command) {
    text += text.empty() ? "" : " ";
    if (!argument.empty() && std::ranges::all_of(argument, is_plain)) {
      text += argument;
      continue;
    }
    text += '\'';
    for (const char c : argument) {
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    text += '\'';
  }
  return text;
}

ProbeResult judge_exit(ExitCodes codes, const net::ChildExit& exit) {
  const std::string words = words_of(exit);
  const std::string text = words.empty() ? with_number(exit, words) : words;
  if (exit.code < 0) {
    const char* name = ::sigabbrev_np(exit.signal);
    return result(Verdict::unknown, Code::PROCERR,
                  "killed by signal " + std::to_string(exit.signal) +
                      (name != nullptr ? std::string(" (SIG") + name + ")" : "") +
                      (words.empty() ? "" : ": " + words));
  }
  if (exit.code == 0) {
    return result(Verdict::pass, Code::L7OK, text);
  }
  // A shell's "cannot run" and "not found" are our own missing tools, whoever wrote the program.
  const bool no_tool = exit.code == 126 || exit.code == 127;
  if ((codes == ExitCodes::mon && !no_tool) || exit.code == 2) {
    return result(Verdict::fail, Code::PROCERR, text);
  }
  if (exit.code == 1) {
    return result(Verdict::warn, Code::L7OKC, text);
  }
  return result(Verdict::unknown, Code::PROCERR, exit.code == 3 ? text : with_number(exit, words));
}

}  // namespace ronda::probes
