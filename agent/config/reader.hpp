// From the text of a config file to a Config, or to every problem in it at once, each with its
// place, cause and cure. Reads files (the config, key files); never the network.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.hpp"

namespace ronda::agent {

struct ConfigProblem {
  std::string file{};
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::size_t column = 0;
  std::string pointer{};  // RFC 6901: "/services/0/checks/1"
  std::string message{};  // cause and cure; did-you-mean included
  std::string source{};   // the line of text concerned, for the caret
  std::size_t width = 1;  // octets to underline
  std::size_t caret = 1;  // where in `source` they begin; differs from `column` in a clipped line

  // "file:line:col: error: /pointer: message" and, below, the line with carets.
  std::string to_string() const;
};

using ConfigResult = std::expected<Config, std::vector<ConfigProblem>>;

ConfigResult read_config(const std::filesystem::path& file);
// The same for text at hand; `file` names it in errors and is what relative paths start from.
ConfigResult read_config_text(const std::filesystem::path& file, std::string_view text);

// What "control" names as its socket, whatever else of the file is wrong; nothing when it names
// none or is no JSON.
std::optional<std::filesystem::path> read_control_socket(const std::filesystem::path& file);

}  // namespace ronda::agent
