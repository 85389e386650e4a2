// `ronda try` on a real named and real replicas: what it finds, what it says, and that it never
// sends an UPDATE.
#include <string>

#include <nlohmann/json.hpp>

#include "tests/e2e/site.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using Catch::Matchers::StartsWith;
using nlohmann::json;

namespace {

NamedOptions zone_of(const std::string& records, const std::string& zone = "example.com") {
  NamedOptions options;
  options.zone = zone;
  options.zone_text = zone_text(records);
  return options;
}

// Only replicas: no record made by hand, which would be probed as well.
NamedOptions web_zone(int replicas) {
  std::string records;
  for (int number = 1; number <= replicas; ++number) {
    records += "www A " + loopback(number) + "\n";
  }
  return zone_of(records);
}

Arguments try_command(const Named& named, const std::string& name, const Arguments& more = {}) {
  Arguments all{"try", name, "--server", named.server()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Arguments kHealth{"--port", std::to_string(kHttpPort), "--path", "/health"};

json tried(const Named& named, const std::string& name, Arguments more = kHealth) {
  more.emplace_back("--json");
  const Finished finished = run_ronda(try_command(named, name, more));
  INFO("stdout: " << finished.output << "\nstderr: " << finished.errors);
  CHECK(finished.errors.empty());
  json report = json::parse(finished.output, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(report.at("schema") == 1);
  CHECK(report.at("exit") == finished.code);
  return report;
}

std::string last_code(const json& report, std::size_t replica) {
  return report.at("services").at(0).at("replicas").at(replica).at("last").at("code");
}

}  // namespace

TEST_CASE("one verdict an address, what would be done, and the next command") {
  Site site(2, web_zone(2));
  const Finished well = run_ronda(try_command(site.named(), kOwner, kHealth));
  INFO(well.output << well.errors);
  CHECK(well.code == 0);
  CHECK_THAT(well.output, StartsWith("RONDA OK: www.example.com 2/2 up|") &&
                              ContainsSubstring("example.com at " + site.named().server()) &&
                              ContainsSubstring("http on port 28080, GET /health") &&
                              ContainsSubstring("L7OK") && ContainsSubstring(" ms)") &&
                              ContainsSubstring("ronda:   nothing to do\n") &&
                              ContainsSubstring("next:    ronda init example.com --server " +
                                                site.named().server() + "\n"));

  site.replica(2).stop();
  const Finished one_down = run_ronda(try_command(site.named(), kOwner, kHealth));
  INFO(one_down.output << one_down.errors);
  CHECK(one_down.code == 1);
  CHECK_THAT(one_down.output, StartsWith("RONDA WARNING: www.example.com 1/2 up") &&
                                  ContainsSubstring("L4CON") &&
                                  ContainsSubstring("connection refused") &&
                                  ContainsSubstring("ronda:   would remove " + loopback(2) + "\n"));

  site.replica(1).stop();
  const Finished all_down = run_ronda(try_command(site.named(), kOwner, kHealth));
  CHECK(all_down.code == 2);
  CHECK_THAT(all_down.output,
             StartsWith("RONDA CRITICAL") && ContainsSubstring("would keep all 2 addresses"));

  CHECK(site.named().update_count() == 0);
  CHECK(site.named().serial() == 1);
}

TEST_CASE("the JSON is check's with what was found out beside it") {
  Site site(2, web_zone(2));
  site.replica(1).set_healthy(false);
  const json report = tried(site.named(), kOwner);
  CHECK(report.at("exit") == 1);
  CHECK(report.at("mode") == "observe");
  CHECK(last_code(report, 0) == "L7STS");
  CHECK(last_code(report, 1) == "L7OK");
  CHECK(report.at("services").at(0).at("update").at("outcome") == "skipped");
  CHECK(report.at("services").at(0).at("wanted") == json({loopback(2)}));
  const json& facts = report.at("try");
  CHECK(facts.at("zone") == "example.com");
  CHECK(facts.at("primary") == site.named().server());
  CHECK(facts.at("check") == "http");
  CHECK(facts.at("would") == "would remove " + loopback(1));
  CHECK(site.named().update_count() == 0);
}

TEST_CASE("what to probe: as asked, or guessed and said why") {
  Site site(2, web_zone(2));
  const std::string port = std::to_string(kHttpPort);
  const json tcp = tried(site.named(), kOwner, {"--type", "tcp", "--port", port}).at("try");
  CHECK(tcp.at("check") == "tcp");
  CHECK(tcp.at("why") == "as asked for");
  const json by_label = tried(site.named(), kOwner, {"--port", port}).at("try");
  CHECK(by_label.at("check") == "http");
  CHECK_THAT(by_label.at("why").get<std::string>(), ContainsSubstring("begins with \"www\""));
  // Nothing listens on a well-known port of these addresses.
  const json closed = tried(site.named(), kOwner, {});
  CHECK(closed.at("exit") == 2);
  CHECK_THAT(closed.at("try").at("why").get<std::string>(),
             ContainsSubstring("none of the ports 443, 80, 25, 587, 21 is open"));

  const Finished without_port = run_ronda(try_command(site.named(), kOwner, {"--type", "tcp"}));
  CHECK(without_port.code == 64);
  CHECK_THAT(without_port.errors, ContainsSubstring("--port"));
  CHECK(run_ronda(try_command(site.named(), kOwner, {"--type", "gopher"})).code == 64);
  CHECK(run_ronda(try_command(site.named(), kOwner, {"--port", "0"})).code == 64);
}

TEST_CASE("the zone's apex, and a name with one address") {
  const NamedOptions options =
      zone_of("@ A " + loopback(1) + "\n@ A 0.0.0.0\none A " + loopback(1) + "\n");
  Site site(1, options);
  const json apex = tried(site.named(), "example.com");
  CHECK(apex.at("exit") == 0);
  CHECK(apex.at("services").at(0).at("foreign") == json({"0.0.0.0"}));
  const json one = tried(site.named(), "one.example.com");
  CHECK(one.at("exit") == 0);
  CHECK_THAT(one.at("try").at("would").get<std::string>(), ContainsSubstring("one address"));
  site.replica(1).stop();
  const json down = tried(site.named(), "one.example.com");
  CHECK(down.at("exit") == 2);
  CHECK_THAT(down.at("try").at("would").get<std::string>(), ContainsSubstring("the last one"));
}

TEST_CASE("a name that cannot be judged: one sentence and 3") {
  const Named named(
      zone_of("alias CNAME www.example.net.\ntext TXT \"x\"\nsub NS ns.sub\n"
              "ns.sub A 192.0.2.53\nzero A 0.0.0.0\n"));
  const std::pair<const char*, const char*> cases[] = {
      {"alias.example.com", "is an alias (CNAME at alias.example.com)"},
      {"text.example.com", "has no A or AAAA record at"},
      {"no.such.example.com", "has no A or AAAA record at"},
      {"www.sub.example.com", "refers to the name servers of \"sub.example.com\""},
      {"www.example.net", "REFUSED"},
      {"zero.example.com", "has no address that could be probed (0.0.0.0: the unspecified"},
  };
  for (const auto& [name, sentence] : cases) {
    const Finished finished = run_ronda(try_command(named, name, kHealth));
    INFO(name << "\n" << finished.output << finished.errors);
    CHECK(finished.code == 3);
    CHECK_THAT(finished.errors, StartsWith("ronda: ") && ContainsSubstring(sentence));
    CHECK(std::count(finished.errors.begin(), finished.errors.end(), '\n') == 1);
    CHECK_THAT(finished.output, StartsWith("RONDA UNKNOWN: "));
    const json report = tried(named, name);
    CHECK(report.at("exit") == 3);
    CHECK_THAT(report.at("errors").at(0).get<std::string>(), ContainsSubstring(sentence));
  }
  CHECK(named.update_count() == 0);
}

TEST_CASE("names that are none, and servers that are none") {
  const Named named;
  const std::pair<const char*, const char*> cases[] = {
      {"b\xc3\xbc"
       "cher.example.com",
       "xn--"},
      {"*.example.com", "a wildcard cannot be probed"},
      {"www..example.com", "label"},
  };
  for (const auto& [name, sentence] : cases) {
    const Finished finished = run_ronda(try_command(named, name));
    INFO(name << "\n" << finished.output << finished.errors);
    CHECK(finished.code == 64);
    CHECK_THAT(finished.errors, ContainsSubstring(sentence));
    CHECK(tried(named, name).at("exit") == 64);
  }
  const Finished nobody = run_ronda({"try", kOwner, "--server", loopback(99) + ":28053"});
  INFO(nobody.errors);
  CHECK(nobody.code == 3);
  CHECK_THAT(nobody.errors, ContainsSubstring("refused: is named running"));
}
