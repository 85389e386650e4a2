#include "agent/cli/probe_target.hpp"

#include "tests/unit/config/fixture.hpp"

namespace ronda::agent {
namespace {

constexpr std::string_view kSite = R"({
  "allow_exec": true,
  "zones": [{ "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key" }],
  "checks": {
    "web": { "type": "https" },
    "door": { "type": "tcp", "port": 7 },
    "new": { "type": "https", "path": "/new" },
    "named": { "type": "https", "server_name": "own.example" },
    "bare": { "type": "tcp" },
    "zone": { "type": "dns" },
    "other-zone": { "type": "dns", "serial_lag": 3, "name": "example.org" },
    "plugin": { "type": "exec", "argv": ["plugin", "{service}", "{replica}"] },
    "told": { "type": "passive", "file": "words" }
  },
  "services": [
    { "name": "www.example.com", "checks": ["web", "door", { "type": "tcp", "port": 8 },
                                            { "type": "tcp", "port": 9 }],
      "replicas": [ { "name": "one", "addresses": ["192.0.2.1", "2001:db8::1", "192.0.2.11"] },
                    { "name": "two", "address": "192.0.2.2", "port": 8443 } ] },
    { "name": "api.example.com", "checks": ["web", "door"],
      "replicas": [ "192.0.2.2", "192.0.2.3" ] } ] })";

class Site {
 public:
  Site() {
    folder_.write("plugin", "#!/bin/sh\n", 0755);
    auto read = folder_.read(kSite);
    REQUIRE(read);
    config = *std::move(read);
  }
  // Each "endpoint name", with " as name" where that is said; else the error.
  std::string at(const std::string& check, const std::string& target) const {
    const auto found = find_targets(config, check, target);
    if (!found) {
      return found.error();
    }
    std::string text;
    for (const ProbeTarget& each : *found) {
      text += (text.empty() ? "" : "; ") + each.check.endpoint.to_string() + " " +
              each.check.spec.server_name + (each.as.empty() ? "" : " as " + each.as);
    }
    return text;
  }
  Config config{};

 private:
  Folder folder_{};
};

TEST_CASE("probe: every address of a replica, and an address as the service that has it") {
  const Site site;
  CHECK(site.at("web", "www.example.com/one") ==
        "192.0.2.1:443 www.example.com; [2001:db8::1]:443 www.example.com; "
        "192.0.2.11:443 www.example.com");
  CHECK(site.at("web", "www.example.com/two") == "192.0.2.2:8443 www.example.com");
  CHECK(site.at("web", "192.0.2.1") == "192.0.2.1:443 www.example.com");
  CHECK(site.at("web", "192.0.2.3") == "192.0.2.3:443 api.example.com");
  CHECK(site.at("web", "192.0.2.3:99") == "192.0.2.3:99 api.example.com");
  CHECK(site.at("tcp", "www.example.com/one").starts_with("192.0.2.1:8 "));
  CHECK(site.at("tcp-2", "www.example.com/one").starts_with("192.0.2.1:9 "));
}

TEST_CASE("probe: one of several names is said where it matters") {
  const Site site;
  CHECK(site.at("web", "192.0.2.9") == "192.0.2.9:443 www.example.com as www.example.com");
  CHECK(site.at("web", "192.0.2.2") == "192.0.2.2:8443 www.example.com as www.example.com");
  CHECK(site.at("door", "192.0.2.9") == "192.0.2.9:7 www.example.com");
}

TEST_CASE("probe: a check that no service uses yet is asked as if one did") {
  Site site;
  CHECK(site.at("new", "www.example.com/two") == "192.0.2.2:8443 www.example.com");
  CHECK(site.at("new", "192.0.2.3") == "192.0.2.3:443 api.example.com as api.example.com");
  CHECK(site.at("new", "192.0.2.9") == "192.0.2.9:443 www.example.com as www.example.com");
  CHECK(site.at("named", "192.0.2.9") == "192.0.2.9:443 own.example");
  CHECK_THAT(site.at("bare", "192.0.2.9"), ContainsSubstring("write ADDRESS:PORT"));
  CHECK(site.at("bare", "192.0.2.9:5") == "192.0.2.9:5 www.example.com");
  const auto zone = find_targets(site.config, "zone", "192.0.2.53");
  REQUIRE(zone);
  CHECK(std::get<probes::DnsCheck>(zone->front().check.spec.protocol)
            .name.starts_with("example.com"));
  CHECK_THAT(site.at("other-zone", "192.0.2.53"), ContainsSubstring("none of the \"zones\""));
  const auto plugin = find_targets(site.config, "plugin", "www.example.com/two");
  REQUIRE(plugin);
  const auto& exec = std::get<probes::ExecCheck>(plugin->front().check.spec.protocol);
  CHECK(exec.service == "www.example.com");
  CHECK(exec.replica == "two");
  CHECK(exec.name == "plugin");
  const auto told = find_targets(site.config, "told", "192.0.2.9");
  REQUIRE(told);
  CHECK(std::get<probes::PassiveCheck>(told->front().check.spec.protocol).replica == "192.0.2.9");

  site.config.services.clear();
  CHECK(site.at("new", "192.0.2.9") == "192.0.2.9:443 192.0.2.9");
  CHECK_THAT(site.at("zone", "192.0.2.53"), ContainsSubstring("give it a \"name\""));
}

TEST_CASE("probe: what cannot be asked is a sentence") {
  const Site site;
  CHECK_THAT(site.at("nwe", "192.0.2.1"), ContainsSubstring("did you mean \"new\"?"));
  CHECK_THAT(site.at("web", "www.example.com"), ContainsSubstring("never to a name"));
  CHECK_THAT(site.at("web", "www.example.com/three"), ContainsSubstring("is checked by \"web\""));
  CHECK_THAT(site.at("new", "www.example.com/three"), ContainsSubstring("no replica is called"));
}

}  // namespace
}  // namespace ronda::agent
