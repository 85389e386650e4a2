#include "agent/ops/probe_report.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace ronda::agent;
using nlohmann::json;
using ronda::probes::Code;
using ronda::probes::Verdict;

namespace {

ProbeReport report(Verdict verdict, const std::string& address) {
  return {.check = "web",
          .type = "http",
          .endpoint = {.ip = ronda::net::IpAddress::parse(address).value(), .port = 80},
          .server_name = "www.example.com",
          .result = {.verdict = verdict, .code = Code::L7OK, .detail = "so it is"}};
}

}  // namespace

TEST_CASE("probe: the worst of several addresses decides, of equals the first") {
  const ProbeReport pass = report(Verdict::pass, "192.0.2.1");
  const ProbeReport warn = report(Verdict::warn, "192.0.2.2");
  const ProbeReport unknown = report(Verdict::unknown, "192.0.2.3");
  const ProbeReport fail = report(Verdict::fail, "192.0.2.4");
  const ProbeReport again = report(Verdict::fail, "192.0.2.5");
  const std::vector<ProbeReport> all = {pass, unknown, fail, warn, again};
  CHECK(worst_of(all).endpoint == fail.endpoint);
  const std::vector<ProbeReport> three = {pass, warn, unknown};
  CHECK(worst_of(three).result.verdict == Verdict::unknown);
  const std::vector<ProbeReport> two = {pass, warn};
  CHECK(worst_of(two).result.verdict == Verdict::warn);
}

TEST_CASE("probe: JSON is the worst one's, with each address where there are several") {
  const std::vector<ProbeReport> one = {report(Verdict::pass, "192.0.2.1")};
  const json alone = json::parse(to_json(one));
  CHECK(alone.at("exit") == 0);
  CHECK(alone.at("address") == "192.0.2.1:80");
  CHECK_FALSE(alone.contains("addresses"));
  const std::vector<ProbeReport> two = {one.front(), report(Verdict::fail, "192.0.2.2")};
  const json both = json::parse(to_json(two));
  CHECK(both.at("exit") == 2);
  CHECK(both.at("verdict") == "fail");
  CHECK(both.at("address") == "192.0.2.2:80");
  REQUIRE(both.at("addresses").size() == 2);
  CHECK(both.at("addresses")[0].at("address") == "192.0.2.1:80");
  CHECK(both.at("addresses")[0].at("verdict") == "pass");
  CHECK(both.at("addresses")[1].at("detail") == "so it is");
  CHECK(both.at("errors").empty());
}

TEST_CASE("probe: the line says a name that does not go without saying") {
  ProbeReport told = report(Verdict::pass, "192.0.2.1");
  CHECK(to_line(told) == "PASS L7OK web 192.0.2.1:80: so it is | time=0.0000s\n");
  told.as = "www.example.com";
  CHECK(to_line(told) ==
        "PASS L7OK web 192.0.2.1:80 as www.example.com: so it is | time=0.0000s\n");
}
