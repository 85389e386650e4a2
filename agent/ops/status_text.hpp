// The snapshot for people: first a Nagios line with performance data, then a table of services and
// their replicas, what was or would be changed, and errors. Terminal escapes only when asked for,
// and nothing that came from the network is printed unescaped.
#pragma once

#include <string>

#include "agent/ops/snapshot.hpp"

namespace ronda::agent {

struct TextOptions {
  bool color = false;
  bool changes_only = false;  // `--quiet`: services whose DNS changed, should change or could not
};

// With `changes_only` empty when there is nothing to say.
std::string to_text(const Snapshot& snapshot, TextOptions options);
// The lines of the replicas, each indented, with its verdict.
std::string replica_table(const ServiceStatus& service, bool color);
// "RONDA OK: www.example.com 2/2 up|'www.example.com'=2;;;0;2", without the line's end.
std::string nagios_line(const Snapshot& snapshot);
// "OK", "WARNING", "CRITICAL", "UNKNOWN", and back from a Nagios line (3 when it is none).
const char* nagios_word(int exit_code);
int exit_of_nagios_line(const std::string& text);

}  // namespace ronda::agent
