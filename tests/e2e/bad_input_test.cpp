#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t place = text.find(what);
  REQUIRE(place != std::string::npos);
  return text.replace(place, what.size(), with);
}

struct Untouched {
  explicit Untouched(Site& watched) : site(watched) {}
  // Nothing was written and nothing was lost.
  void check() {
    CHECK(site.named().update_count() == 0);
    CHECK(site.named().serial() == 1);
    CHECK(site.answer() == site.all());
  }
  Site& site;
};

// A config that no command accepts: 78 from validate and run, 3 from check and plan, each with a
// sentence that has every one of `pieces`.
void refused(Site& site, const std::vector<std::string>& pieces) {
  const std::string config = site.config().string();
  for (const char* command : {"validate", "run", "check", "plan"}) {
    const Finished finished = run_ronda({command, "-c", config});
    INFO(command << "\nstdout: " << finished.output << "\nstderr: " << finished.errors);
    const bool judges = command == std::string("check") || command == std::string("plan");
    CHECK(finished.code == (judges ? 3 : 78));
    const std::string said = finished.output + finished.errors;
    for (const std::string& piece : pieces) {
      CHECK_THAT(said, ContainsSubstring(piece));
    }
  }
  const Finished finished = run_ronda({"check", "-c", config, "--json"});
  INFO("stdout: " << finished.output << "\nstderr: " << finished.errors);
  const json report = json::parse(finished.output, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(finished.code == 3);
  CHECK(report.at("exit") == 3);
  CHECK_FALSE(report.at("errors").empty());
  Untouched(site).check();
}

struct Judged {
  Finished run{};
  json report{};
  std::string said() const { return run.output + run.errors; }
};

Judged check_json(const Site& site) {
  Judged judged;
  judged.run = run_ronda({"check", "-c", site.config().string(), "--json"});
  judged.report = json::parse(judged.run.output, nullptr, false);
  INFO(judged.said());
  REQUIRE(judged.report.is_object());
  return judged;
}

// The config is good, the world is not: validate passes, check and plan end with `code` and say
// why.
void fails_with(Site& site, int code, const std::vector<std::string>& pieces) {
  const std::string config = site.config().string();
  const Finished validate = run_ronda({"validate", "-c", config});
  INFO("validate: " << validate.output << validate.errors);
  CHECK(validate.code == 0);
  const Judged judged = check_json(site);
  INFO("check: " << judged.said());
  CHECK(judged.run.code == code);
  const Finished text = run_ronda({"check", "-c", config});
  CHECK(text.code == code);
  for (const std::string& piece : pieces) {
    CHECK_THAT(judged.said(), ContainsSubstring(piece));
    CHECK_THAT(text.output + text.errors, ContainsSubstring(piece));
  }
  if (code == 3) {
    CHECK_FALSE(judged.report.at("errors").empty());
    CHECK(judged.report.at("services").at(0).at("state") == "unknown");
  }
}

}  // namespace

TEST_CASE("mistakes in the text of a config") {
  struct Row {
    const char* what;
    std::string from;
    std::string to;
    std::vector<std::string> pieces;
  };
  Site site(2);
  const std::string outside = "\"name\": \"www.example.org\"";
  const std::vector<Row> rows = {
      {"unknown key", "\"replicas\":", "\"replicsa\":", {"replicsa", "replicas"}},
      {"duplicate key",
       "\"zone\": \"example.com\"",
       "\"zone\": \"example.com\", \"zone\": \"example.com\"",
       {"zone", "duplicate"}},
      {"wrong type", "\"checks\": [\"web\"]", "\"checks\": 7", {"checks"}},
      {"bare number", "\"interval\": \"1s\"", "\"interval\": 1", {"interval", "1s"}},
      {"owner outside the zone", "\"name\": \"www.example.com\"", outside, {"www.example.org"}},
      {"unknown check", "[\"web\"]", "[\"wbe\"]", {"wbe", "web"}},
      {"not an address", loopback(1), "127.0.0.256", {"127.0.0.256"}},
      {"one address twice", loopback(2), loopback(1), {loopback(1)}},
      {"text that is not JSON", "\"services\":", "services:", {"ronda.json:"}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    site.folder().write("ronda.json", replaced(site.config_text(), row.from, row.to));
    refused(site, row.pieces);
  }
}

TEST_CASE("every problem is reported at once, each with its place") {
  Site site(1);
  std::string text = replaced(site.config_text(), "\"interval\": \"1s\"", "\"interval\": 1");
  text = replaced(text, "\"replicas\":", "\"replicsa\":");
  site.folder().write("ronda.json", text);
  const Finished finished = run_ronda({"validate", "-c", site.config().string()});
  CHECK(finished.code == 78);
  const std::string place = site.config().string() + ":";
  CHECK_THAT(finished.errors, ContainsSubstring(place + "4:") && ContainsSubstring("replicsa") &&
                                  ContainsSubstring("/defaults/interval"));
}

TEST_CASE("a config that is missing") {
  Site site(1);
  refused(site, {site.config().string()});
}

TEST_CASE("key files that cannot be used") {
  Site site(1);
  const std::filesystem::path key = site.folder() / "ronda.key";
  site.folder().write("ronda.json", replaced(site.config_text(), json_text(site.named().key_path()),
                                             json_text(key)));
  SECTION("missing") {
    refused(site, {key.string()});
  }
  SECTION("empty") {
    site.folder().write("ronda.key", "", std::filesystem::perms(0600));
    refused(site, {key.string(), "empty"});
  }
  SECTION("readable to everybody") {
    site.folder().write("ronda.key", read_file(site.named().key_path()),
                        std::filesystem::perms(0644));
    refused(site, {key.string(), "chmod 640"});
  }
  SECTION("not a key") {
    site.folder().write("ronda.key", "hello\n", std::filesystem::perms(0600));
    refused(site, {key.string()});
  }
  SECTION("a folder") {
    std::filesystem::create_directory(key);
    refused(site, {key.string()});
  }
}

TEST_CASE("a primary that nobody answers at") {
  Site site(2);
  site.write_config();
  site.replica(1).stop();
  const std::string server = site.named().server();
  SECTION("refused") {
    site.named().stop();
    fails_with(site, 3, {server, "named"});
  }
  SECTION("silent") {
    site.named().pause();
    fails_with(site, 3, {server});
    site.named().resume();
    Untouched(site).check();
    return;
  }
  site.named().start();
  CHECK(site.answer() == site.all());
}

TEST_CASE("a key that the primary does not take") {
  Site site(2);
  site.replica(1).stop();
  SECTION("another secret") {
    const std::string other = site.named().write_key("other.key", "ronda");
    site.folder().write("ronda.json", replaced(site.config_text(), site.named().key_path(), other));
    fails_with(site, 3, {"ronda", site.named().server(), "secret"});
  }
  SECTION("another name") {
    const std::string other = site.named().write_key("other.key", "stranger");
    site.folder().write("ronda.json", replaced(site.config_text(), site.named().key_path(), other));
    fails_with(site, 3, {"stranger", site.named().server()});
  }
  Untouched(site).check();
}

TEST_CASE("a zone that the primary does not serve") {
  Site site(1);
  std::string text =
      replaced(site.config_text(), "\"zone\": \"example.com\"", "\"zone\": \"example.org\"");
  text = replaced(text, "\"name\": \"www.example.com\"", "\"name\": \"www.example.org\"");
  site.folder().write("ronda.json", text);
  fails_with(site, 3, {"example.org", site.named().server()});
  Untouched(site).check();
}

TEST_CASE("a CNAME at the owner") {
  NamedOptions named;
  named.zone_text = zone_text("www CNAME other\nother A 192.0.2.5\napi A " + loopback(1) +
                              "\napi A " + loopback(2) + "\n");
  Site site(2, named);
  site.write_config(
      {.services = R"(, { "name": "api.example.com", "checks": ["web"], "replicas": [")" +
                   loopback(1) + R"(", ")" + loopback(2) + R"("] })"});
  site.replica(2).stop();
  const Judged judged = check_json(site);
  INFO(judged.said());
  CHECK(judged.run.code == 3);
  CHECK_THAT(judged.said(), ContainsSubstring("CNAME") && ContainsSubstring("www.example.com"));
  CHECK(site.named().lookup(kOwner, "CNAME") == Addresses{"other.example.com."});
  // The other service is not held up by it.
  CHECK(site.named().lookup("api.example.com") == Addresses{loopback(1)});
}

TEST_CASE("a policy that does not allow the change") {
  NamedOptions named;
  named.zone_options = "update-policy { grant ronda name other.example.com A; };";
  Site site(2, named);
  site.write_config();
  site.replica(1).stop();
  fails_with(site, 2, {"REFUSED", "update-policy"});
  const Judged judged = check_json(site);
  CHECK(judged.report.at("services").at(0).at("update").at("outcome") == "rejected");
  CHECK(judged.report.at("services").at(0).at("update").at("rcode") == "REFUSED");
  CHECK(site.answer() == site.all());
  CHECK(site.named().serial() == 1);
}

TEST_CASE("a zone that takes no updates at all") {
  NamedOptions named;
  named.zone_options = " ";
  Site site(2, named);
  site.write_config();
  site.replica(1).stop();
  fails_with(site, 2, {"REFUSED"});
  CHECK(site.answer() == site.all());
}

TEST_CASE("a command line that is wrong is 64, help and version are 0") {
  const std::vector<Arguments> wrong = {{},
                                        {"chekc"},
                                        {"check", "--no-such-option"},
                                        {"run", "-c"},
                                        {"check", "--lock-wait", "soon"}};
  for (const Arguments& arguments : wrong) {
    const Finished finished = run_ronda(arguments);
    INFO((arguments.empty() ? "no arguments" : arguments.back()) << ": " << finished.errors);
    CHECK(finished.code == 64);
    CHECK_FALSE(finished.errors.empty());
    CHECK(finished.output.empty());
  }
  const Finished as_json = run_ronda({"probe", "--json"});
  CHECK(as_json.code == 64);
  CHECK_FALSE(as_json.errors.empty());
  CHECK(json::parse(as_json.output).at("exit") == 64);
  for (const char* option : {"--help", "--version"}) {
    const Finished finished = run_ronda({option});
    CHECK(finished.code == 0);
    CHECK_FALSE(finished.output.empty());
  }
}

TEST_CASE("a service that the config does not have is named with the nearest one") {
  Site site(1);
  site.write_config();
  const Finished finished = run_ronda({"check", "-c", site.config().string(), "www.exmaple.com"});
  INFO(finished.output << finished.errors);
  CHECK(finished.code == 3);
  CHECK_THAT(finished.output + finished.errors, ContainsSubstring("www.example.com"));
}
