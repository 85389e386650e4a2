// `ronda probe`: one check of the config, once, at one address or at each one of a replica. It
// counts nothing, decides nothing and asks no DNS; --explain shows the dialogue. Exit codes: 0
// PASS, 1 WARN, 2 FAIL, 3 UNKNOWN.
#include "probes/probe.hpp"

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/probe_target.hpp"
#include "agent/ops/probe_report.hpp"
#include "agent/ops/status_json.hpp"
#include "net/curl_multi.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

using Show = std::function<void(const ProbeReport&)>;

// The verdict is shown at once, and then the server is given time for the goodbye, and a program
// that is too late for its end.
void probe(const ProbeTarget& target, const ProbeCommand& command, const Show& show) {
  const MemberCheck& check = target.check;
  net::UvLoop loop;
  net::CurlMulti curl(loop);
  net::TlsContexts tls;
  probes::Engines engines{.loop = loop, .curl = curl, .tls = tls};
  ProbeReport report{.check = check.name,
                     .type = check.spec.kind,
                     .endpoint = check.endpoint,
                     .server_name = check.spec.server_name,
                     .as = target.as};
  if (command.explain) {
    engines.on_trace = [&](const probes::TraceLine& line) {
      if (command.json) {
        report.dialogue.push_back(line);
      } else {
        say(to_line(line));
      }
    };
  }
  if (probes::may_use_tls(check.spec)) {
    static_cast<void>(tls.get(check.spec.tls_settings));  // reads files: not in the probe's time
  }
  const net::Handle handle = probes::start_probe(engines, check.spec, check.endpoint,
                                                 [&](const probes::ProbeResult& result) {
                                                   report.result = result;
                                                   show(report);
                                                   probes::when_left(engines, [&] { loop.stop(); });
                                                 });
  loop.run();
}

int refuse(const ProbeCommand& command, const std::vector<std::string>& errors) {
  if (command.json) {
    say(failure_json(kExitUnknown, errors));
  }
  return kExitUnknown;
}

}  // namespace

int execute(const ProbeCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const ConfigResult config = read_config(command.config);
  if (!config) {
    if (!command.json) {
      show_problems(config.error());
    }
    return refuse(command, to_sentences(config.error()));
  }
  const auto targets = find_targets(*config, command.check, command.target);
  if (!targets) {
    talk(targets.error());
    return refuse(command, {targets.error()});
  }
  std::vector<ProbeReport> reports;
  for (const ProbeTarget& target : *targets) {
    probe(target, command, [&](const ProbeReport& report) {
      reports.push_back(report);
      if (!command.json) {
        say(to_line(report));
      } else if (reports.size() == targets->size()) {
        say(to_json(reports));
      }
    });
  }
  return exit_code(worst_of(reports).result);
}

}  // namespace ronda::agent
