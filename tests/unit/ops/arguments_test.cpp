#include "agent/cli/arguments.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace ronda::agent;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using Words = std::vector<std::string>;

template <typename T>
T parsed(const Words& words) {
  const Arguments arguments = parse_arguments(words);
  REQUIRE(std::holds_alternative<Command>(arguments));
  const auto& command = std::get<Command>(arguments);
  REQUIRE(std::holds_alternative<T>(command));
  return std::get<T>(command);
}

}  // namespace

TEST_CASE("wrong usage is 64 and says so on stderr") {
  for (const Words& words :
       {Words{}, Words{"frobnicate"}, Words{"check", "--nonsense"}, Words{"check", "-c"},
        Words{"check", "--lock-wait", "5"}, Words{"check", "--lock-wait", "soon"},
        Words{"run", "extra"}, Words{"validate", "check"}, Words{"status", "--socket"},
        Words{"-c", "x"}, Words{"doctor", "www"}, Words{"doctor", "--ns-port", "0"}}) {
    const Arguments arguments = parse_arguments(words);
    INFO((words.empty() ? std::string("(nothing)") : words.front()));
    REQUIRE(std::holds_alternative<Leave>(arguments));
    CHECK(std::get<Leave>(arguments).code == kExitUsage);
    CHECK_FALSE(std::get<Leave>(arguments).errors.empty());
    CHECK(std::get<Leave>(arguments).output.empty());
  }
}

TEST_CASE("wrong usage with --json is JSON on stdout too, wherever the word stands") {
  for (const Words& words :
       {Words{"check", "--json", "--nonsense"}, Words{"--json"}, Words{"--json", "frobnicate"},
        Words{"probe", "web", "--json"}, Words{"reload", "--json"},
        Words{"check", "--lock-wait", "soon", "--json"},
        Words{"try", "a", "--type", "tcp", "--json"}}) {
    INFO(words.front() << " ... " << words.back());
    const auto leave = std::get<Leave>(parse_arguments(words));
    CHECK(leave.code == kExitUsage);
    CHECK_FALSE(leave.errors.empty());
    const json said = json::parse(leave.output);
    CHECK(said.at("schema") == 1);
    CHECK(said.at("exit") == kExitUsage);
    REQUIRE(said.at("errors").size() == 1);
    const auto sentence = said.at("errors")[0].get<std::string>();
    CHECK_FALSE(sentence.empty());
    CHECK_THAT(leave.errors, ContainsSubstring(sentence));
  }
  CHECK(std::get<Leave>(parse_arguments({"check", "--json", "--help"})).output.find('{') ==
        std::string::npos);
  const auto nsupdate = parse_arguments({"nsupdate", "--json"});
  CHECK(std::holds_alternative<Command>(nsupdate));  // its own options, its own rules
}

TEST_CASE("help and version go to stdout with 0") {
  for (const Words& words : {Words{"--help"}, Words{"-h"}, Words{"check", "--help"}}) {
    const auto leave = std::get<Leave>(parse_arguments(words));
    CHECK(leave.code == 0);
    CHECK_THAT(leave.output, ContainsSubstring("ronda"));
    CHECK(leave.errors.empty());
  }
  const auto version = std::get<Leave>(parse_arguments({"--version"}));
  CHECK(version.code == 0);
  CHECK(version.output == std::string("ronda ") + RONDA_VERSION + "\n");
}

TEST_CASE("try and init") {
  const auto first = parsed<TryCommand>({"try", "www.example.com", "--server", "[::1]:5353",
                                         "--port", "8080", "--path", "/health", "--json"});
  CHECK(first.name == "www.example.com");
  CHECK(first.server == ronda::net::HostPort{"::1", 5353});
  CHECK(first.wishes == Wishes{.type = "", .port = 8080, .path = "/health"});
  CHECK(first.json);
  CHECK_FALSE(parsed<TryCommand>({"try", "www.example.com"}).server);

  const auto init = parsed<InitCommand>({"init", "example.com", "--server", "ns", "-k", "a.key",
                                         "--name", "www", "@", "--name", "mail"});
  CHECK(init.zone == "example.com");
  CHECK(init.key_file == "a.key");
  CHECK(init.names == Words{"www", "@", "mail"});
  CHECK(init.output == "ronda.json");
  CHECK(parsed<InitCommand>({"init", "example.com", "-o", "-"}).output == "-");

  for (const Words& words :
       {Words{"try"}, Words{"try", "a", "b"}, Words{"try", "a", "--type", "tcp"},
        Words{"try", "a", "--type", "nosuch"}, Words{"try", "a", "--type", "exec"},
        Words{"try", "a", "--type", "icmp"}, Words{"try", "a", "--port", "65536"},
        Words{"try", "a", "--path", "health"}, Words{"try", "a", "--path", "/a b"},
        Words{"try", "a", "--type", "smtp", "--path", "/x"},
        Words{"try", "a", "--server", "1.2.3.4:x"}, Words{"init"}, Words{"init", "a", "b"}}) {
    INFO(words.size() << words.back());
    CHECK(std::get<Leave>(parse_arguments(words)).code == kExitUsage);
  }
}

TEST_CASE("check and plan") {
  const auto check = parsed<JudgeCommand>(
      {"check", "-c", "a.json", "www", "--json", "api", "-q", "--lock-wait", "1m30s"});
  CHECK_FALSE(check.plan);
  CHECK(check.config == "a.json");
  CHECK(check.services == Words{"www", "api"});
  CHECK(check.json);
  CHECK(check.quiet);
  CHECK(check.lock_wait == 90s);
  const auto plan = parsed<JudgeCommand>({"plan", "--config", "b.json"});
  CHECK(plan.plan);
  CHECK(plan.config == "b.json");
  CHECK(plan.services.empty());
  CHECK(plan.lock_wait == 60s);
  CHECK_FALSE(plan.json);
}

TEST_CASE("the other commands") {
  CHECK(parsed<ValidateCommand>({"validate", "-c", "a.json", "--json"}).json);
  CHECK(parsed<RunCommand>({"run", "-c", "a.json"}).config == "a.json");
  CHECK(parsed<RunCommand>({"run"}).config == "/etc/ronda/ronda.json");
  CHECK(parsed<DemoCommand>({"demo", "--script"}).script);
  const auto status = parsed<StatusCommand>({"status", "--socket", "/x", "--json"});
  CHECK(status.daemon.socket == std::filesystem::path("/x"));
  CHECK_FALSE(status.daemon.config_given);
  CHECK(status.json);
  const auto reload = parsed<ReloadCommand>({"reload", "-c", "a.json"});
  CHECK(reload.daemon.config_given);
  CHECK(reload.daemon.config == "a.json");
  CHECK_FALSE(reload.daemon.socket);
}

TEST_CASE("doctor writes only when asked to, to the usual name or another") {
  const auto plain = parsed<DoctorCommand>({"doctor", "-c", "a.json", "--json"});
  CHECK(plain.config == "a.json");
  CHECK(plain.json);
  CHECK_FALSE(plain.write_test);
  CHECK_FALSE(plain.name_server_port);
  CHECK(parsed<DoctorCommand>({"doctor", "--write-test", "-c", "a.json"}).write_test == "");
  const auto named =
      parsed<DoctorCommand>({"doctor", "--write-test", "stamp.example.com", "--ns-port", "5300"});
  CHECK(named.write_test == "stamp.example.com");
  CHECK(named.name_server_port == 5300);
}
