#include "agent/cli/arguments.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <CLI/CLI.hpp>

#include "agent/ops/status_json.hpp"
#include "probes/kinds.hpp"
#include "probes/setters.hpp"

namespace ronda::agent {
namespace {

constexpr const char* kDefaultConfig = "/etc/ronda/ronda.json";

struct Options {
  std::string config = kDefaultConfig;
  std::string socket{};
  std::vector<std::string> services{};
  std::string lock_wait = "60s";
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool script = false;
  std::string name{};
  std::string server{};
  Wishes wishes{};
  std::uint16_t port = 0;
  std::string probe{};
  std::string target{};
  bool explain = false;
  std::string verdict{};
  std::string reason{};
  std::string write_test{};
  std::optional<std::uint16_t> name_server_port{};
  std::string zone{};
  std::string key_file{};
  std::string key_name{};
  std::vector<std::string> names{};
  std::string output = "ronda.json";
};

struct Parser {
  CLI::App app{"ronda: a health-aware dynamic DNS updater for BIND", "ronda"};
  Options options{};
  CLI::App* validate = nullptr;
  CLI::App* check = nullptr;
  CLI::App* plan = nullptr;
  CLI::App* run = nullptr;
  CLI::App* status = nullptr;
  CLI::App* reload = nullptr;
  CLI::App* report = nullptr;
  CLI::App* demo = nullptr;
  CLI::App* first_try = nullptr;
  CLI::App* doctor = nullptr;
  CLI::App* init = nullptr;
  CLI::App* probe = nullptr;
  CLI::App* schema = nullptr;

  Parser();
  void add_config(CLI::App& command);
  void add_judge(CLI::App& command);
  void add_daemon(CLI::App& command);
  void add_first(CLI::App& command);
  void add_doctor(CLI::App& command);
  void add_init(CLI::App& command);
  void add_probe(CLI::App& command);
  void add_report(CLI::App& command);
  Command command() const;
  std::optional<net::HostPort> server() const;
  Wishes wishes() const;
};

void Parser::add_config(CLI::App& command) {
  command.add_option("-c,--config", options.config, "the config file")
      ->type_name("FILE")
      ->capture_default_str();
}

std::string check_duration(const std::string& text) {
  const auto duration = net::parse_duration(text);
  return duration ? std::string() : duration.error();
}

void Parser::add_judge(CLI::App& command) {
  add_config(command);
  command.add_option("service", options.services, "only these services")->type_name("SERVICE");
  command.add_flag("--json", options.json, "print JSON only");
  command.add_flag("-q,--quiet", options.quiet, "print only changes and trouble");
  command.add_flag("-v,--verbose", options.verbose, "log every transition on stderr");
  command
      .add_option("--lock-wait", options.lock_wait, "how long to wait for another ronda to finish")
      ->type_name("DURATION")
      ->check(CLI::Validator(check_duration, "", "duration"))
      ->capture_default_str();
}

void Parser::add_daemon(CLI::App& command) {
  add_config(command);
  command.add_option("--socket", options.socket, "the daemon's control socket")->type_name("PATH");
}

std::string check_server(const std::string& text) {
  const auto server = net::parse_host_port(text);
  return server ? std::string() : server.error();
}

// Of what knocks at a port: nobody guesses a program, and a word from outside or an echo tells
// nothing about a service.
std::string check_type(const std::string& text) {
  std::string known;
  for (const probes::Kind& kind : probes::kinds()) {
    if (!kind.needs_port) {
      continue;
    }
    if (kind.name == text) {
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  return "unknown type \"" + text + "\"; one of " + known;
}

std::string check_path(const std::string& text) {
  probes::CheckSpec http{.protocol = probes::HttpCheck{}};
  const auto taken = probes::set_path(http, text);
  return taken ? std::string() : taken.error();
}

// What `try` and `init` have in common: whom to ask, and what to probe.
void Parser::add_first(CLI::App& command) {
  command.add_option("--server", options.server, "the zone's primary; default: found by its SOA")
      ->type_name("ADDRESS[:PORT]")
      ->check(CLI::Validator(check_server, "", "server"));
  command
      .add_option("--type", options.wishes.type, "what to probe: http, https, smtp, ftp, tcp ...")
      ->type_name("KIND")
      ->check(CLI::Validator(check_type, "", "kind"));
  command.add_option("--port", options.port, "the port to probe")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535));
  command.add_option("--path", options.wishes.path, "what to GET, of http and https")
      ->type_name("PATH")
      ->check(CLI::Validator(check_path, "", "path"));
}

void Parser::add_doctor(CLI::App& command) {
  add_config(command);
  command.add_flag("--json", options.json, "print JSON only");
  command
      .add_option("--write-test", options.write_test,
                  "write a TXT record to this name (_ronda.ZONE) and take it away, to see the "
                  "journal work")
      ->type_name("[NAME]")
      ->expected(0, 1);
  command
      .add_option("--ns-port", options.name_server_port,
                  "where the zone's other name servers listen (53)")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535));
}

void Parser::add_init(CLI::App& command) {
  command.add_option("zone", options.zone, "the zone, such as example.com")
      ->type_name("ZONE")
      ->required();
  command.add_option("-k,--key", options.key_file, "a TSIG key as tsig-keygen prints it")
      ->type_name("KEYFILE");
  command.add_option("--key-name", options.key_name, "which key, when the file holds several")
      ->type_name("NAME");
  command
      .add_option("--name", options.names, "only these names (www, @, or whole); may be repeated")
      ->type_name("NAME");
  add_first(command);
  command.add_option("-o,--output", options.output, "the file to write, - for stdout")
      ->type_name("FILE")
      ->capture_default_str();
}

void Parser::add_probe(CLI::App& command) {
  add_config(command);
  command.add_option("check", options.probe, "a check of the config")
      ->type_name("CHECK")
      ->required();
  command.add_option("target", options.target, "an address, or a replica as status names it")
      ->type_name("ADDRESS[:PORT]|SERVICE/REPLICA")
      ->required();
  command.add_flag("--explain", options.explain, "print what is said and heard, with times");
  command.add_flag("--json", options.json, "print JSON only");
}

void Parser::add_report(CLI::App& command) {
  add_daemon(command);
  command.add_option("replica", options.target, "whom it is about, * for all of a kind")
      ->type_name("SERVICE/REPLICA")
      ->required();
  command.add_option("verdict", options.verdict, "how it is")
      ->type_name("pass|warn|fail")
      ->check(CLI::IsMember({"pass", "warn", "fail"}))
      ->required();
  command.add_option("--reason", options.reason, "why, for status and log")->type_name("TEXT");
}

Parser::Parser() {
  app.set_version_flag("--version", std::string("ronda ") + RONDA_VERSION,
                       "print the version and leave");
  app.require_subcommand(1);
  app.footer(
      "check, plan, status, try, doctor and probe leave with 0 (all well), 1 (look at it),\n"
      "2 (critical) or 3 (could not judge); run and validate with 78 for a bad config; wrong usage "
      "is 64.");
  validate = app.add_subcommand("validate", "report every problem in a config");
  add_config(*validate);
  validate->add_flag("--json", options.json, "print JSON only");
  check = app.add_subcommand("check", "probe once, update DNS where it is wrong, report");
  add_judge(*check);
  plan = app.add_subcommand("plan", "the same without writing: shows the change");
  add_judge(*plan);
  run = app.add_subcommand("run", "the daemon");
  add_config(*run);
  probe = app.add_subcommand("probe", "one check now, nothing else; --explain shows the dialogue");
  add_probe(*probe);
  status = app.add_subcommand("status", "what the running daemon sees");
  add_daemon(*status);
  status->add_flag("--json", options.json, "print JSON only");
  reload = app.add_subcommand("reload", "make the running daemon read its config again");
  add_daemon(*reload);
  schema = app.add_subcommand("schema", "the JSON Schema of the config, for editors");
  report = app.add_subcommand("report", "tell the running daemon's passive checks of a replica");
  add_report(*report);
  doctor = app.add_subcommand("doctor", "examine key, policy, zone and servers; changes nothing");
  add_doctor(*doctor);
  demo = app.add_subcommand("demo", "a failover live, on a throw-away named on this machine");
  first_try = app.add_subcommand("try", "probe one name's addresses; no config, no key, read-only");
  first_try->add_option("name", options.name, "a name with A or AAAA records")
      ->type_name("NAME")
      ->required();
  add_first(*first_try);
  first_try->add_flag("--json", options.json, "print JSON only");
  init =
      app.add_subcommand("init", "read a zone and write a first config for it, that only watches");
  add_init(*init);
  // Never parsed here: see parse_arguments().
  app.add_subcommand("nsupdate", "nsupdate's commands and options (`ronda nsupdate -h`)");
  demo->add_flag("--script", options.script, "plain output, for documents and CI");
}

std::optional<net::HostPort> Parser::server() const {
  return options.server.empty() ? std::nullopt
                                : std::optional(net::parse_host_port(options.server).value());
}

Wishes Parser::wishes() const {
  Wishes wishes = options.wishes;
  if (options.port != 0) {
    wishes.port = options.port;
  } else if (wishes.type == "tcp") {
    throw CLI::ValidationError("--type", "tcp has no port of its own: add --port PORT");
  }
  if (!wishes.path.empty() && !wishes.type.empty() && !wishes.type.starts_with("http")) {
    throw CLI::ValidationError("--path", "only http and https have a path");
  }
  return wishes;
}

Command Parser::command() const {
  if (validate->parsed()) {
    return ValidateCommand{.config = options.config, .json = options.json};
  }
  if (check->parsed() || plan->parsed()) {
    return JudgeCommand{.plan = plan->parsed(),
                        .config = options.config,
                        .services = options.services,
                        .json = options.json,
                        .quiet = options.quiet,
                        .verbose = options.verbose,
                        .lock_wait = net::parse_duration(options.lock_wait).value()};
  }
  if (probe->parsed()) {
    return ProbeCommand{.config = options.config,
                        .check = options.probe,
                        .target = options.target,
                        .explain = options.explain,
                        .json = options.json};
  }
  if (schema->parsed()) {
    return SchemaCommand{};
  }
  if (run->parsed()) {
    return RunCommand{.config = options.config};
  }
  if (demo->parsed()) {
    return DemoCommand{.script = options.script};
  }
  if (first_try->parsed()) {
    return TryCommand{
        .name = options.name, .server = server(), .wishes = wishes(), .json = options.json};
  }
  if (doctor->parsed()) {
    DoctorCommand command{.config = options.config,
                          .json = options.json,
                          .name_server_port = options.name_server_port};
    if (doctor->count("--write-test") > 0) {
      command.write_test = options.write_test;
    }
    return command;
  }
  if (init->parsed()) {
    return InitCommand{.zone = options.zone,
                       .server = server(),
                       .key_file = options.key_file,
                       .key_name = options.key_name,
                       .names = options.names,
                       .wishes = wishes(),
                       .output = options.output};
  }
  const CLI::App& asked = status->parsed() ? *status : report->parsed() ? *report : *reload;
  DaemonAddress daemon{.config = options.config, .config_given = asked.count("--config") > 0};
  if (asked.count("--socket") > 0) {
    daemon.socket = options.socket;
  }
  if (status->parsed()) {
    return StatusCommand{.daemon = daemon, .json = options.json};
  }
  if (report->parsed()) {
    return ReportCommand{.daemon = daemon,
                         .replica = options.target,
                         .verdict = options.verdict,
                         .reason = options.reason};
  }
  return ReloadCommand{.daemon = daemon};
}

}  // namespace

bool wants_json(const std::vector<std::string>& arguments) {
  const bool own_rules = !arguments.empty() && arguments.front() == "nsupdate";
  return !own_rules && std::ranges::find(arguments, "--json") != arguments.end();
}

Arguments parse_arguments(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "nsupdate") {
    arguments.erase(arguments.begin());
    return NsupdateCommand{.arguments = std::move(arguments)};
  }
  const bool as_json = wants_json(arguments);
  Parser parser;
  std::reverse(arguments.begin(), arguments.end());  // as the library wants a vector
  try {
    parser.app.parse(std::move(arguments));
    return parser.command();
  } catch (const CLI::ParseError& problem) {
    std::ostringstream output;
    std::ostringstream errors;
    if (parser.app.exit(problem, output, errors) == 0) {
      return Leave{.output = output.str(), .errors = errors.str()};
    }
    return Leave{.code = kExitUsage,
                 .output = as_json ? failure_json(kExitUsage, {problem.what()}) : output.str(),
                 .errors = errors.str()};
  }
}

}  // namespace ronda::agent
