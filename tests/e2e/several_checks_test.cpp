// Several checks of one replica on real servers: all, any, or so many must pass; one that decides
// alone; one that only warns.
#include <string>

#include <nlohmann/json.hpp>

#include "tests/e2e/site.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

constexpr std::uint16_t kNobody = 28'999;  // nothing listens there

struct Row {
  const char* require;  // of the service
  const char* more;     // of the check that fails
  bool healthy;
  bool warns;
};

constexpr Row kRows[] = {
    {R"("all")", "", false, false},
    {R"("any")", "", true, true},
    {"1", "", true, true},
    {"2", "", false, false},
    {R"("any")", R"(, "critical": true)", false, false},
    {"1", R"(, "critical": true)", false, false},
    {R"("all")", R"(, "scope": "dependency")", true, true},
    {R"("any")", R"(, "scope": "dependency", "critical": true)", true, true},
};

}  // namespace

TEST_CASE("checks that pass and one that fails: who may be published, and what is shown") {
  Site site(2);
  for (const Row& row : kRows) {
    CAPTURE(row.require, row.more);
    ConfigText text;
    text.check = R"("type": "http", "path": "/health", "port": )" + std::to_string(kHttpPort) +
                 R"( }, "store": { "type": "tcp", "port": )" + std::to_string(kNobody) + row.more +
                 R"( }, "port": { "type": "tcp", "port": )" + std::to_string(kHttpPort);
    text.service = R"(, "require": )" + std::string(row.require);
    std::string config = site.config_text(text);
    // Only web2 has the check that fails.
    for (const auto& [number, checks] : {std::pair(1, R"(, "checks": ["web", "port"] )"),
                                         std::pair(2, R"(, "checks": ["web", "store"] )")}) {
      const std::string replica = "\"" + loopback(number) + "\" }";
      config.insert(config.find(replica) + replica.size() - 1, checks);
    }
    site.folder().write("ronda.json", config);
    const Finished finished = run_ronda({"plan", "-c", site.config().string(), "--json"});
    INFO(finished.output << finished.errors);
    const json report = json::parse(finished.output);
    const json& service = report.at("services").at(0);
    const json& replica = service.at("replicas").at(1);
    CHECK(replica.at("healthy") == row.healthy);
    CHECK(service.at("wanted") == json(row.healthy ? site.all() : site.without({2})));
    CHECK(report.at("exit") == 1);  // a warning, or a replica down
    CHECK(replica.at("warnings").size() == (row.warns ? 1 : 0));
    if (row.warns) {
      CHECK(replica.at("warnings").at(0).at("check") == "store");
      CHECK(replica.at("last").at("check") == "web");
    } else {
      CHECK(replica.at("last").at("check") == "store");
    }
    CHECK(service.at("replicas").at(0).at("warnings").empty());
  }
  CHECK(site.named().update_count() == 0);
}
