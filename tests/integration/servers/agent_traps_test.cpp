// The traps of a real BIND as `ronda check` meets them: each is told at its own service, none takes
// another service down, and nothing is written on a guess.
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/bed/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

using nlohmann::json;

// named itself is the replica that lives; nobody listens at the other address.
constexpr const char* kAlive = "127.0.0.1";
constexpr const char* kDead = "127.0.0.2";

const std::vector<std::string> kLeft{kAlive};

struct Service {
  std::string name{};
  std::string more{};  // members, each with its comma before it
};

std::string config_text(const Named& named, const std::vector<Service>& services) {
  std::string text = R"({ "zones": [{ "zone": "example.com", "primary": ")" + named.server() +
                     R"(", "key_file": ")" + named.key_path() +
                     R"(" }], "defaults": { "interval": "1s", "fast_interval": "100ms",
  "timeout": "500ms", "fall": 1, "rise": 1, "grace": "2s" },
  "checks": { "port": { "type": "tcp", "port": )" +
                     std::to_string(named.port()) + R"( } }, "services": [)";
  for (const Service& service : services) {
    text += (text.ends_with("[") ? "" : ",") + std::string(R"({ "name": ")") + service.name +
            R"(.example.com", "checks": ["port"], "replicas": [{ "address": ")" + kAlive +
            R"(" }, { "address": ")" + kDead + R"(" }])" + service.more + " }";
  }
  return text + "] }";
}

struct Checked {
  int code = -1;
  std::map<std::string, json> services{};

  const json& of(const std::string& name) const { return services.at(name + ".example.com"); }
  std::string outcome(const std::string& name) const { return of(name)["update"]["outcome"]; }
  std::string told(const std::string& name) const {
    return std::string(of(name)["error"]) + std::string(of(name)["update"]["detail"]);
  }
};

Checked ronda(const std::string& command, const Named& named,
              const std::vector<Service>& services) {
  const std::string path = named.folder() + "/ronda.json";
  write_file(path, config_text(named, services));
  const Finished finished = run({RONDA_BINARY, command, "-c", path, "--json"});
  INFO(finished.output << finished.errors);
  Checked checked{.code = finished.code};
  const json report = json::parse(finished.output, nullptr, false);
  REQUIRE(report.is_object());
  for (const json& service : report["services"]) {
    checked.services[service["service"]] = service;
  }
  return checked;
}

std::string pair_at(const std::string& owner, const std::string& ttl = "") {
  return owner + " " + ttl + " A " + kAlive + "\n" + owner + " " + ttl + " A " + kDead + "\n";
}

TEST_CASE("aliases, zone cuts, wildcards and denied names beside a service that is well") {
  const Named named(
      {.zone_text = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n" +
                    pair_at("www") + pair_at("denied") + pair_at("UpPer") + pair_at("*.w") +
                    "alias CNAME www\ntree DNAME www\nsub NS ns.sub\nns.sub A 127.0.0.1\n",
       .zone_options = "update-policy { deny ronda name denied.example.com. ANY;\n"
                       "  grant ronda zonesub A; };"});
  const Checked checked =
      ronda("check", named,
            {{"www"}, {"denied"}, {"upper"}, {"host.w"}, {"alias"}, {"a.tree"}, {"x.sub"}});
  CHECK(checked.code == 2);  // read, and not written
  for (const char* well : {"www", "upper"}) {
    CHECK(checked.of(well)["state"] == "degraded");
    CHECK(checked.outcome(well) == "applied");
  }
  CHECK(named.lookup("www.example.com") == kLeft);
  CHECK(named.lookup("upper.example.com") == kLeft);

  CHECK(checked.outcome("denied") == "rejected");
  CHECK_THAT(checked.told("denied"), ContainsSubstring("update-policy"));
  CHECK(checked.outcome("host.w") == "conflict");
  CHECK_THAT(checked.told("host.w"),
             ContainsSubstring("synthesized") && ContainsSubstring("wildcard"));
  CHECK_THAT(checked.told("alias"), ContainsSubstring("is an alias (CNAME at alias.example.com)"));
  CHECK_THAT(checked.told("a.tree"), ContainsSubstring("is an alias (DNAME at tree.example.com)"));
  CHECK_THAT(checked.told("x.sub"), ContainsSubstring("below the zone cut at sub.example.com"));
  for (const char* blind : {"alias", "a.tree", "x.sub"}) {
    CHECK(checked.of(blind)["state"] == "unknown");
    CHECK(checked.of(blind)["update"]["rcode"].is_null());
  }
  CHECK(named.lookup("denied.example.com").size() == 2);
  CHECK(named.lookup("host.w.example.com").size() == 2);
}

TEST_CASE("a TTL that the server clamps is written once and never again") {
  const Named named(
      {.zone_text =
           "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n" + pair_at("www"),
       .zone_options = "update-policy { grant ronda zonesub ANY; };\n"
                       "  dnssec-policy clamping; inline-signing no;",
       .statements = "dnssec-policy \"clamping\" { keys { csk lifetime unlimited algorithm "
                     "ecdsap256sha256; }; max-zone-ttl 600; };"});
  const std::vector<Service> services{{"www", R"(, "ttl": 3600)"}};
  const Checked first = ronda("check", named, services);
  CHECK(first.outcome("www") == "applied");
  CHECK(named.lookup("www.example.com") == kLeft);
  const std::uint64_t sent = named.update_count();
  const Checked second = ronda("check", named, services);
  CHECK(second.outcome("www") == "unchanged");
  CHECK(named.update_count() == sent);
}

TEST_CASE("a frozen zone is told as such, and taken up after the thaw") {
  const Named named(
      {.zone_text =
           "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n" + pair_at("www"),
       .control = true});
  named.rndc({"freeze", "example.com"});
  const Checked frozen = ronda("check", named, {{"www"}});
  CHECK(frozen.code == 2);
  CHECK(frozen.outcome("www") == "rejected");
  CHECK_THAT(frozen.told("www"), ContainsSubstring("rndc thaw"));
  named.rndc({"thaw", "example.com"});
  const Checked thawed = ronda("check", named, {{"www"}});
  CHECK(thawed.code == 1);
  CHECK(thawed.outcome("www") == "applied");
  CHECK(named.lookup("www.example.com") == kLeft);
}

}  // namespace
}  // namespace ronda::test
