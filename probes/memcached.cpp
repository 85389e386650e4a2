#include "probes/presets.hpp"

namespace ronda::probes {

// The text protocol; `version` touches no item and no statistics.
StepScript memcached_script() {
  StepScript script;
  script.steps.push_back({.step = {.kind = TcpStepKind::send, .text = "version\r\n"}});
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect, .text = R"(\AVERSION [^\n]*\n)"},
       .called = "VERSION",
       .otherwise = {{.pattern = R"(\A(?:CLIENT_|SERVER_)?ERROR\b[^\n]*\n)"},
                     {.pattern = R"(\A(?:[^VCSE]|[^\n]*\n))", .code = Code::L7RSP}},
       .told = true});
  script.farewell = "quit\r\n";
  return script;
}

}  // namespace ronda::probes
