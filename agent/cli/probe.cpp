// `ronda probe`: one check of the config, once, at one address. It counts nothing, decides nothing
// and asks no DNS; --explain shows the dialogue. Exit codes: 0 PASS, 1 WARN, 2 FAIL, 3 UNKNOWN.
#include "probes/probe.hpp"

#include <algorithm>
#include <csignal>
#include <expected>
#include <set>
#include <utility>
#include <variant>

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/suggestion.hpp"
#include "agent/ops/probe_report.hpp"
#include "net/curl_multi.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

struct Candidate {
  const ServiceConfig* service = nullptr;
  const Member* member = nullptr;
  const MemberCheck* check = nullptr;
};

// Every place where the config uses this check.
std::vector<Candidate> uses_of(const Config& config, const std::string& name) {
  std::vector<Candidate> found;
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      for (const auto* list : {&member.checks, &member.reports}) {
        for (const MemberCheck& check : *list) {
          if (check.name == name) {
            found.push_back({.service = &service, .member = &member, .check = &check});
          }
        }
      }
    }
  }
  return found;
}

std::string unknown_check(const Config& config, const std::string& name) {
  std::set<std::string> names;
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      for (const auto* list : {&member.checks, &member.reports}) {
        for (const MemberCheck& check : *list) {
          names.insert(check.name);
        }
      }
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return "no service of " + config.file.string() + " uses a check \"" + name + "\"" +
         suggest(name, known);
}

// The check as the config has it for a replica; at an address of nobody, as it has it for the first
// service that uses it.
std::expected<MemberCheck, std::string> find_check(const Config& config,
                                                   const ProbeCommand& command) {
  const std::vector<Candidate> uses = uses_of(config, command.check);
  if (uses.empty()) {
    return std::unexpected(unknown_check(config, command.check));
  }
  if (const auto slash = command.target.rfind('/'); slash != std::string::npos) {
    const std::string service = command.target.substr(0, slash);
    const std::string replica = command.target.substr(slash + 1);
    for (const Candidate& use : uses) {
      if (use.service->id == service && use.member->replica == replica) {
        return *use.check;
      }
    }
    return std::unexpected("no replica \"" + command.target + "\" is checked by \"" +
                           command.check + "\"; `ronda status` and `ronda plan` list them");
  }
  const auto place = net::parse_host_port(command.target);
  const auto address = place ? net::IpAddress::parse(place->host) : std::nullopt;
  if (!address) {
    return std::unexpected("\"" + command.target +
                           "\" is neither an address nor SERVICE/REPLICA: a check goes to one "
                           "address, never to a name");
  }
  const auto known = std::ranges::find_if(
      uses, [&](const Candidate& use) { return use.check->endpoint.ip == *address; });
  MemberCheck chosen = known != uses.end() ? *known->check : *uses.front().check;
  if (auto* exec = std::get_if<probes::ExecCheck>(&chosen.spec.protocol);
      exec != nullptr && known == uses.end()) {
    exec->replica = address->to_string();  // not the name of another
  }
  chosen.endpoint.ip = *address;
  chosen.endpoint.port = place->port.value_or(chosen.endpoint.port);
  return chosen;
}

// The verdict is shown at once, and then the server is given time for the goodbye, and a program
// that is too late for its end.
int probe(const MemberCheck& check, const ProbeCommand& command) {
  net::UvLoop loop;
  net::CurlMulti curl(loop);
  net::TlsContexts tls;
  probes::Engines engines{.loop = loop, .curl = curl, .tls = tls};
  ProbeReport report{.check = check.name,
                     .type = check.spec.kind,
                     .endpoint = check.endpoint,
                     .server_name = check.spec.server_name};
  if (command.explain) {
    engines.on_trace = [&](const probes::TraceLine& line) {
      if (command.json) {
        report.dialogue.push_back(line);
      } else {
        say(to_line(line));
      }
    };
  }
  const net::Handle handle = probes::start_probe(
      engines, check.spec, check.endpoint, [&](const probes::ProbeResult& result) {
        report.result = result;
        say(command.json ? to_json(report, {}) : to_line(report));
        probes::when_left(engines, [&] { loop.stop(); });
      });
  loop.run();
  return exit_code(report.result);
}

int refuse(const ProbeCommand& command, const std::vector<std::string>& errors) {
  if (command.json) {
    say(probe_failure_json(errors));
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
  const auto check = find_check(*config, command);
  if (!check) {
    talk(check.error());
    return refuse(command, {check.error()});
  }
  return probe(*check, command);
}

}  // namespace ronda::agent
