#include <string>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/e2e/site.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;

namespace {

struct Judged {
  Finished run{};
  json report{};
  const json& service(std::size_t index = 0) const { return report.at("services").at(index); }
};

Judged judge(const std::string& command, const Site& site) {
  Judged judged;
  judged.run = run_ronda({command, "-c", site.config().string(), "--json"});
  INFO("stdout: " << judged.run.output << "\nstderr: " << judged.run.errors);
  judged.report = json::parse(judged.run.output, nullptr, false);
  REQUIRE(judged.report.is_object());
  CHECK(judged.report.at("schema") == 1);
  CHECK(judged.report.at("exit") == judged.run.code);
  return judged;
}

}  // namespace

TEST_CASE("check takes a dead replica out, keeps all others, and puts it back") {
  Site site(3);
  site.write_config();
  Named& named = site.named();

  const Judged healthy = judge("check", site);
  CHECK(healthy.run.code == 0);
  CHECK(healthy.service().at("state") == "ok");
  CHECK(healthy.service().at("update").at("outcome") == "unchanged");
  CHECK(healthy.service().at("foreign") == json({kForeign}));
  CHECK(named.update_count() == 0);

  site.replica(2).stop();
  const Judged failed = judge("check", site);
  CHECK(failed.run.code == 1);
  CHECK(failed.service().at("state") == "degraded");
  CHECK(failed.service().at("update").at("outcome") == "applied");
  CHECK(failed.service().at("published") == json(site.without({2})));
  CHECK(failed.service().at("wanted") == json(site.without({2})));
  CHECK(failed.service().at("replicas").at(1).at("state") == "down");
  CHECK(failed.service().at("replicas").at(1).at("published") == false);
  CHECK(failed.service().at("replicas").at(1).at("last").at("code") == "L4CON");
  CHECK(failed.report.at("updates").at(0).at("serial") == 2);
  CHECK(site.answer() == site.without({2}));
  CHECK(named.serial() == 2);
  CHECK(named.update_count() == 1);

  const Judged again = judge("check", site);
  CHECK(again.run.code == 1);
  CHECK(again.service().at("update").at("outcome") == "unchanged");
  CHECK(named.update_count() == 1);
  CHECK(named.serial() == 2);

  site.replica(2).start();
  const Judged returned = judge("check", site);
  CHECK(returned.run.code == 0);
  CHECK(returned.service().at("update").at("outcome") == "applied");
  CHECK(site.answer() == site.all());
  CHECK(named.serial() == 3);
  CHECK(named.update_count() == 2);
}

TEST_CASE("a replica whose answer is wrong goes like one that is dead") {
  Site site(2);
  site.write_config();
  site.replica(1).set_healthy(false);
  const Judged judged = judge("check", site);
  CHECK(judged.run.code == 1);
  CHECK(judged.service().at("replicas").at(0).at("last").at("code") == "L7STS");
  CHECK(site.answer() == site.without({1}));
}

TEST_CASE("when all replicas are dead nothing is removed") {
  Site site(3);
  site.write_config();
  for (int number = 1; number <= 3; ++number) {
    site.replica(number).stop();
  }
  const Judged judged = judge("check", site);
  CHECK(judged.run.code == 2);
  CHECK(judged.service().at("state") == "down");
  CHECK(site.answer() == site.all());
  CHECK(site.named().update_count() == 0);
  CHECK(site.named().serial() == 1);
}

TEST_CASE("removals stop at min_healthy") {
  Site site(3);
  site.write_config({.service = R"(, "min_healthy": 2)"});
  site.replica(1).stop();
  site.replica(2).stop();
  const Judged judged = judge("check", site);
  CHECK(judged.run.code == 2);
  CHECK(site.answer().size() == 3);  // the healthy one, one that is not, and the foreign record
}

TEST_CASE("plan shows the change and sends no UPDATE") {
  Site site(2);
  site.write_config();
  site.replica(1).stop();
  const Judged judged = judge("plan", site);
  CHECK(judged.run.code == 1);
  CHECK(judged.service().at("update").at("outcome") == "skipped");
  CHECK(judged.service().at("published") == json(site.all()));
  CHECK(judged.service().at("wanted") == json(site.without({1})));
  CHECK(judged.report.at("updates").empty());

  const Finished text = run_ronda({"plan", "-c", site.config().string()});
  CHECK(text.code == 1);
  CHECK_THAT(text.output, ContainsSubstring("update delete " + std::string(kOwner)));
  CHECK_THAT(text.output, ContainsSubstring(loopback(1)));
  CHECK(site.named().update_count() == 0);
  CHECK(site.answer() == site.all());
}

TEST_CASE("plan with nothing to change says so with 0") {
  Site site(2);
  site.write_config();
  CHECK(judge("plan", site).run.code == 0);
}

TEST_CASE("observe sends no UPDATE") {
  Site site(2);
  const bool whole = GENERATE(true, false);
  site.write_config(whole ? ConfigText{.before = R"("mode": "observe",)"}
                          : ConfigText{.service = R"(, "mode": "observe")"});
  site.replica(1).stop();
  const Judged judged = judge("check", site);
  CHECK(judged.run.code == 1);
  CHECK(judged.service().at("update").at("outcome") == "skipped");
  CHECK(site.named().update_count() == 0);
  CHECK(site.answer() == site.all());
}

TEST_CASE("a name without records gets them when its replicas have passed") {
  NamedOptions named;
  named.zone_text = zone_text("other TXT \"kept\"\n");
  Site site(2, named);
  site.write_config();
  const Judged judged = judge("check", site);
  CHECK(judged.run.code == 0);
  CHECK(site.answer() == sorted({loopback(1), loopback(2)}));
  CHECK(site.named().lookup("other.example.com", "TXT") == Addresses{"\"kept\""});
}

TEST_CASE("records of other types at the name stay") {
  NamedOptions named;
  named.zone_text = zone_text("www A " + loopback(1) + "\nwww A " + loopback(2) +
                              "\nwww TXT \"kept\"\nwww MX 10 mail.example.net.\n");
  Site site(2, named);
  site.write_config();
  site.replica(2).stop();
  CHECK(judge("check", site).run.code == 1);
  CHECK(site.answer() == Addresses{loopback(1)});
  CHECK(site.named().lookup(kOwner, "TXT") == Addresses{"\"kept\""});
  CHECK(site.named().lookup(kOwner, "MX") == Addresses{"10 mail.example.net."});
}

TEST_CASE("the change goes out whatever the transport") {
  Site site(2);
  const std::string transport = GENERATE("auto", "tcp", "udp");
  std::string text = site.config_text();
  const std::string place = "\"reconcile\": \"1s\"";
  text.replace(text.find(place), place.size(), place + ", \"transport\": \"" + transport + "\"");
  site.folder().write("ronda.json", text);
  site.replica(2).stop();
  INFO(transport);
  CHECK(judge("check", site).service().at("update").at("outcome") == "applied");
  CHECK(site.answer() == site.without({2}));
}

TEST_CASE("HTTPS replicas are judged by their certificate") {
  Site site(1);
  const TempFolder folder;
  const Certificates good = make_certificates(folder / "good", "DNS:tls.example.com");
  const Certificates other = make_certificates(folder / "other", "DNS:tls.example.com");
  const Nginx first({loopback(11), kHttpPort, kHttpsPort, good});
  const Nginx second({loopback(12), kHttpPort, kHttpsPort, other});
  site.write_config(
      {.check = R"("type": "https", "path": "/health", "port": )" + std::to_string(kHttpsPort) +
                R"(, "ca_file": )" + json_text(good.ca),
       .service = R"(, "ttl": 15)",
       .services = R"(, { "name": "tls.example.com", "checks": ["web"], "replicas": [")" +
                   loopback(11) + R"(", ")" + loopback(12) + R"("] })"});
  const Judged judged = judge("check", site);
  CHECK(site.named().lookup("tls.example.com") == Addresses{loopback(11)});
  const json& replicas = judged.service(1).at("replicas");
  CHECK(replicas.at(0).at("state") == "up");
  CHECK(replicas.at(1).at("published") == false);
  CHECK(replicas.at(1).at("last").at("code") == "L6RSP");
  // The plain replica of the first service does not speak TLS at all: alone, it stays.
  CHECK(site.answer() == site.all());
}

TEST_CASE("an IPv6 replica that dies leaves its AAAA while an A remains") {
  const std::uint16_t port = static_cast<std::uint16_t>(28100 + ::getpid() % 500);
  NamedOptions named;
  named.zone_text = zone_text("www A " + loopback(1) + "\nwww AAAA ::1\nwww AAAA 2001:db8::77\n");
  Site site(1, named);
  Nginx six({.address = "::1", .port = port});
  site.write_config({.service = R"(, "min_healthy": 1)"});
  std::string text = site.config_text();
  const std::string place = "\"replicas\": [";
  text.replace(
      text.find(place), place.size(),
      place + R"( { "name": "six", "address": "::1", "port": )" + std::to_string(port) + " },");
  site.folder().write("ronda.json", text);
  const Judged healthy = judge("check", site);
  CHECK(healthy.run.code == 0);
  CHECK(healthy.service().at("type") == "A+AAAA");
  CHECK(site.named().update_count() == 0);
  six.stop();
  CHECK(judge("check", site).run.code == 1);
  CHECK(site.named().lookup(kOwner, "AAAA") == Addresses{"2001:db8::77"});
  CHECK(site.answer() == Addresses{loopback(1)});
}

TEST_CASE("two services are judged and written side by side, or one by name") {
  NamedOptions named;
  named.zone_text = zone_text("www A " + loopback(1) + "\nwww A " + loopback(2) + "\napi A " +
                              loopback(1) + "\napi A " + loopback(2) + "\n");
  Site site(2, named);
  site.write_config(
      {.services = R"(, { "name": "api.example.com", "checks": ["web"], "replicas": [")" +
                   loopback(1) + R"(", ")" + loopback(2) + R"("] })"});
  site.replica(2).stop();
  const Finished one = run_ronda({"check", "-c", site.config().string(), "api.example.com"});
  CHECK(one.code == 1);
  CHECK(site.named().lookup("api.example.com") == Addresses{loopback(1)});
  CHECK(site.answer() == site.named().lookup(kOwner));
  CHECK(site.answer().size() == 2);
  const Judged both = judge("check", site);
  CHECK(both.report.at("services").size() == 2);
  CHECK(site.answer() == Addresses{loopback(1)});
}

TEST_CASE("the first line is a Nagios line with perfdata") {
  Site site(2);
  site.write_config();
  const Finished ok = run_ronda({"check", "-c", site.config().string()});
  CHECK_THAT(ok.output, Catch::Matchers::StartsWith("RONDA OK: "));
  CHECK_THAT(ok.output.substr(0, ok.output.find('\n')), ContainsSubstring("|'www.example.com'="));
  site.replica(1).stop();
  const Finished warning = run_ronda({"check", "-c", site.config().string()});
  CHECK(warning.code == 1);
  CHECK_THAT(warning.output, Catch::Matchers::StartsWith("RONDA WARNING: "));
  CHECK_THAT(warning.output, !ContainsSubstring("\033["));
}
