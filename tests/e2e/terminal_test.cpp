#include "tests/support/bed/terminal.hpp"

#include <string>
#include <vector>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

namespace {

constexpr auto kSoon = std::chrono::seconds(15);
constexpr const char* kErase = "\r\033[K";

// Runs a command with stdout on a terminal and returns what that shows.
std::string shown_by(const Arguments& arguments, const std::vector<std::string>& environment) {
  Terminal terminal;
  ProcessOptions options;
  options.environment = environment;
  options.output = terminal.path();
  start_ronda(arguments, options)->wait();
  return terminal.shown();
}

}  // namespace

TEST_CASE("a long check shows how far it is on a terminal, and erases it at the end") {
  Site site(2);
  const std::string config =
      site.write_config({.defaults = R"("interval": "5s", "timeout": "3s", "fall": 1, "rise": 1)"});
  site.replica(2).pause();
  Terminal terminal;
  ProcessOptions options;
  options.output = site.folder() / "out";
  options.errors = terminal.path();
  const auto check = start_ronda({"check", "-c", config}, options);
  CHECK(eventually(kSoon, [&] { return terminal.shown().ends_with("\r1/2 judged\033[K"); }));
  CHECK(check->wait() == Ended{1, 0});
  const std::string shown = terminal.shown();
  CHECK_THAT(shown, Catch::Matchers::EndsWith(kErase));
  CHECK_THAT(shown, !ContainsSubstring("\n"));  // one line, drawn over itself
  const std::string output = read_file(site.folder() / "out");
  CHECK_THAT(output, Catch::Matchers::StartsWith("RONDA WARNING: "));
  CHECK_THAT(output, !ContainsSubstring("\033"));

  const Finished piped = run_ronda({"check", "-c", config});
  CHECK(piped.code == 1);
  CHECK(piped.errors == "");
  CHECK_THAT(piped.output, !ContainsSubstring("judged") && !ContainsSubstring("\033"));
}

TEST_CASE("a check that logs shows its lines alone") {
  Site site(2);
  const std::string config =
      site.write_config({.defaults = R"("interval": "5s", "timeout": "1s", "fall": 1, "rise": 1)"});
  site.replica(2).pause();
  Terminal terminal;
  ProcessOptions options;
  options.errors = terminal.path();
  CHECK(start_ronda({"check", "-v", "-c", config}, options)->wait() == Ended{1, 0});
  CHECK_THAT(terminal.shown(), ContainsSubstring(" transition ") && !ContainsSubstring("judged"));
}

TEST_CASE("colour is for a terminal, and not where NO_COLOR or a dumb one refuse it") {
  Site site(2);
  const std::string config = site.write_config();
  site.replica(1).stop();
  const std::string command = GENERATE("check", "plan");
  const Arguments arguments{command, "-c", config};
  const std::string red = "\033[31mdown";
  CHECK_THAT(shown_by(arguments, {"TERM=xterm", "NO_COLOR="}), ContainsSubstring(red));
  CHECK_THAT(shown_by(arguments, {"TERM=xterm", "NO_COLOR=1"}), !ContainsSubstring("\033"));
  CHECK_THAT(shown_by(arguments, {"TERM=dumb", "NO_COLOR="}), !ContainsSubstring("\033"));
  CHECK_THAT(shown_by({command, "-c", config, "--json"}, {"TERM=xterm", "NO_COLOR="}),
             ContainsSubstring("\"down\"") && !ContainsSubstring("\033"));
}
