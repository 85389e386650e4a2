#include <string>

#include "tests/e2e/site.hpp"
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
