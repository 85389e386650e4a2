#include <csignal>
#include <filesystem>
#include <string>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;

TEST_CASE("the demo shows a failover, ends by itself and leaves nothing behind") {
  const TempFolder folder;
  RunOptions options;
  options.environment = {"TMPDIR=" + folder.path().string()};
  const Finished finished = run_ronda({"demo", "--script"}, options);
  INFO(finished.output << finished.errors);
  CHECK(finished.code == 0);
  CHECK_THAT(finished.output, ContainsSubstring("web2") && ContainsSubstring("outcome=applied"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a demo that is stopped leaves neither its named nor its folder") {
  const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
  INFO("signal " << number);
  const TempFolder folder;
  const TempFolder talk;
  ProcessOptions options;
  options.environment = {"TMPDIR=" + folder.path().string()};
  options.output = talk / "out";
  const auto demo = start_ronda({"demo", "--script"}, options);
  REQUIRE(eventually(std::chrono::seconds(15), [&] {
    return read_file(options.output).find("named answers") != std::string::npos;
  }));
  CHECK_FALSE(processes_naming(folder.path().string()).empty());
  demo->signal(number);
  CHECK(demo->wait() == Ended{130, 0});
  CHECK(processes_naming(folder.path().string()).empty());
  CHECK(std::filesystem::is_empty(folder.path()));
}
