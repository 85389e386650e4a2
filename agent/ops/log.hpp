// The log port: one line per transition, "event key=value ...". Fixed event words and keys, listed
// in CONTRIBUTING.md. Never blocks the loop: the production sink drops and counts when its pipe is
// full.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ronda::agent {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string event{};  // "replica_down", "update_applied" ...
  std::vector<std::pair<std::string, std::string>> fields{};
  friend bool operator==(const LogLine&, const LogLine&) = default;
};
// "event key=value key=\"two words\"": quoted where a value has blanks, quotes, '=' or is empty.
std::string to_string(const LogLine& line);

class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;
  virtual void write(const LogLine& line) = 0;
};

class NoLog final : public Log {
 public:
  void write(const LogLine&) override {}
};

}  // namespace ronda::agent
