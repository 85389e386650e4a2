// `ronda nsupdate`: reads a script of nsupdate's commands and carries it out, line by line. Exit
// codes are nsupdate's: 0, 1 for a bad script or when nobody could be asked, 2 when an update
// failed.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include <unistd.h>

#include "agent/cli/commands.hpp"
#include "agent/cli/nsupdate_options.hpp"
#include "agent/cli/nsupdate_sender.hpp"
#include "agent/cli/output.hpp"
#include "dnsupdate/nsupdate/interpreter.hpp"
#include "dnsupdate/nsupdate/key_text.hpp"
#include "dnsupdate/nsupdate/message_text.hpp"
#include "dnsupdate/wire/key_file.hpp"

namespace ronda::agent {
namespace {

using dnsupdate::LineAction;

constexpr int kExitScript = 1;
constexpr int kExitUpdate = 2;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// A line without its end; what is beyond the longest line allowed is dropped but one octet, which
// tells.
std::optional<std::string> read_line(std::FILE* file) {
  std::string line;
  int octet = std::getc(file);
  if (octet == EOF) {
    return std::nullopt;
  }
  for (; octet != EOF && octet != '\n'; octet = std::getc(file)) {
    if (line.size() <= dnsupdate::kLongestLine) {
      line += static_cast<char>(octet);
    }
  }
  return line;
}

std::optional<std::string> read_whole(const std::string& path) {
  constexpr std::streamsize kLimit = 1 << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  std::string text(kLimit, '\0');
  file.read(text.data(), kLimit);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

bool ends_with(const std::string& path, std::string_view suffix) {
  return path.size() > suffix.size() && path.ends_with(suffix);
}

// A named.conf key statement, or the KEY record of a pair of K files under any of its names.
dnsupdate::KeyOrError read_key_file(const std::string& path) {
  std::string base = path;
  for (const std::string_view suffix : {".private", ".key", "."}) {
    if (ends_with(path, suffix)) {
      base = path.substr(0, path.size() - suffix.size());
      break;
    }
  }
  auto text = ends_with(path, ".private") ? read_whole(base + ".key") : read_whole(path);
  if (!text) {
    text = read_whole(base + ".key");
  }
  if (!text) {
    return std::unexpected("could not read key from " + base + ".{private,key}: file not found");
  }
  const auto keys = dnsupdate::parse_key_file(*text);
  if (keys && !keys->empty()) {
    return keys->front();
  }
  auto record = dnsupdate::parse_key_record(*text);
  if (record) {
    return record;
  }
  const bool statement = text->find('{') != std::string::npos;
  return std::unexpected("could not read key from " + path + ": " +
                         (statement && !keys ? keys.error() : record.error()));
}

dnsupdate::KeyOrError session_key(const std::string& given) {
  for (const std::string& path :
       {given, std::string("/run/named/session.key"), std::string("/run/session.key")}) {
    if (path.empty() || ::access(path.c_str(), R_OK) != 0) {
      if (!given.empty()) {
        break;
      }
      continue;
    }
    return read_key_file(path);
  }
  return std::unexpected("can't read key from " +
                         (given.empty() ? std::string("/run/named/session.key") : given) +
                         ": file not found or not readable");
}

dnsupdate::KeyOrError chosen_key(const NsupdateOptions& options) {
  if (!options.key_text.empty()) {
    return dnsupdate::parse_key_option(options.key_text);
  }
  if (options.local_only) {
    return session_key(options.key_file);
  }
  return options.key_file.empty() ? nullptr : read_key_file(options.key_file);
}

class Script {
 public:
  Script(const NsupdateOptions& options, std::FILE* input, bool interactive,
         dnsupdate::TsigKeyPtr key)
      : input_(input), interactive_(interactive), sender_(options, session_) {
    settings_.port = options.port;
    settings_.local_only = options.local_only;
    settings_.version = "ronda nsupdate " RONDA_VERSION;
    session_.key = std::move(key);
    session_.debug = options.debug;
  }

  int run() {
    while (true) {
      if (interactive_) {
        say("> ");
      }
      const auto line = read_line(input_);
      if (!line) {
        break;
      }
      ++number_;
      const dnsupdate::LineResult result = interpreter_.line(*line);
      if (!result.warning.empty()) {
        talk_plain(place() + result.warning);
      }
      if (result.action == LineAction::quit) {
        break;
      }
      if (const std::optional<int> code = carry_out(result)) {
        return *code;
      }
    }
    return failed_ ? kExitUpdate : 0;
  }

 private:
  std::string place() const { return interactive_ ? "" : "line " + std::to_string(number_) + ": "; }

  std::optional<int> refuse(const std::string& why) {
    talk_plain(place() + why);
    if (interactive_) {
      return std::nullopt;
    }
    talk_plain("syntax error");
    return kExitScript;
  }

  // A code when the script ends here.
  std::optional<int> carry_out(const dnsupdate::LineResult& result) {
    switch (result.action) {
      case LineAction::failed:
        return refuse(result.text);
      case LineAction::look_up:
        if (const auto found = sender_.look_up(); !found) {
          return refuse(found.error());
        }
        break;
      case LineAction::print:
        say(result.text);
        break;
      case LineAction::show:
        say("Outgoing update query:\n" + dnsupdate::message_text(session_.message(session_.zone)));
        break;
      case LineAction::answer:
        if (sender_.answer()) {
          say("Answer:\n" + dnsupdate::message_text(*sender_.answer()));
        }
        break;
      case LineAction::send:
        return send();
      case LineAction::go_on:
      case LineAction::quit:
        break;
    }
    return std::nullopt;
  }

  std::optional<int> send() {
    const Sending sending = sender_.send();
    failed_ = failed_ || sending == Sending::failed;
    if (sending == Sending::fatal) {
      return kExitScript;
    }
    return std::nullopt;
  }

  std::FILE* input_;
  bool interactive_;
  std::size_t number_ = 0;
  bool failed_ = false;
  dnsupdate::ScriptSession session_{};
  dnsupdate::InterpreterSettings settings_{};
  dnsupdate::Interpreter interpreter_{session_, settings_};
  NsupdateSender sender_;
};

}  // namespace

int execute(const NsupdateCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto parsed = parse_nsupdate_options(command.arguments);
  if (const auto* leave = std::get_if<Leave>(&parsed)) {
    say(leave->output);
    std::fputs(leave->errors.c_str(), stderr);
    return leave->code;
  }
  const auto& options = std::get<NsupdateOptions>(parsed);
  std::unique_ptr<std::FILE, CloseFile> file;
  if (!options.input.empty()) {
    file.reset(std::fopen(options.input.c_str(), "re"));
    if (!file) {
      talk_plain("could not open '" + options.input + "': file not found or not readable");
      return kExitScript;
    }
  }
  auto key = chosen_key(options);
  if (!key) {
    talk_plain(key.error());
    return kExitScript;
  }
  const bool interactive = options.interactive || (!file && ::isatty(STDIN_FILENO) == 1);
  return Script(options, file ? file.get() : stdin, interactive, *std::move(key)).run();
}

}  // namespace ronda::agent
