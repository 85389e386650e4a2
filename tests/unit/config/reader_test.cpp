#include "agent/config/reader.hpp"

#include "probes/kinds.hpp"
#include "tests/unit/config/fixture.hpp"

namespace ronda::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kFull = R"({
  // every key that this version knows
  "$schema": "ronda.schema.json",
  "mode": "enforce",
  "zones": [
    { "id": "public", "zone": "example.com", "primary": "[2001:db8::53]:5353", "key_file": "tsig.key",
      "key_name": "ronda", "transport": "udp", "source": "2001:db8::1", "timeout": "1s",
      "reconcile": "1m" },
    { "zone": "sub.example.com", "primary": "ns1.example.com", "key_file": "tsig.key",
      "transport": "tcp" },
    { "id": "inner", "zone": "example.com", "primary": ["192.0.2.53"], "key_file": "tsig.key" }
  ],
  "defaults": { "interval": "20s", "fast_interval": "1s", "timeout": "2s", "fall": 4, "rise": 2,
                "ok": 5, "grace": "0s", "ttl": 60 },
  "checks": {
    "web": { "type": "http", "port": 8000, "interval": "5s", "fast_interval": "500ms",
             "timeout": "1500ms", "fall": 2, "rise": 1, "ok": 3, "scope": "dependency",
             "critical": true, "source": "192.0.2.9", "server_name": "sni.example.com",
             "verify": false, "ca_file": "ca.pem", "cert_warn": "7d", "read_limit": "128KiB",
             "method": "POST", "path": "/health", "host": "h.example.com",
             "headers": { "X-Probe": "ronda" }, "status": [200, "300-301"], "body": "ok",
             "body_not": "bad", "header": { "X-A": "1" }, "header_not": { "X-B": "2" } },
    "mail": { "type": "smtp", "tls": "starttls", "helo": "probe.example.com" },
    "files": { "type": "ftp" },
    "raw": { "type": "tcp", "port": 7, "steps": [ { "send": "hi\\r\\n" }, { "expect": "^ok" } ] }
  },
  "services": [
    { "name": "www.example.com", "zone": "public", "checks": ["web", "mail"], "require": "any",
      "ttl": 30, "mode": "observe", "families": "apart", "min_healthy": "50%",
      "when_all_down": "fallback", "fallback": ["192.0.2.99", "2001:db8::99"], "publish": "all",
      "failback": "auto", "foreign": "remove", "type": "A+AAAA",
      "replicas": [
        "192.0.2.1",
        { "name": "web2", "addresses": ["192.0.2.2", "192.0.2.3"], "port": 8080, "tier": 2,
          "checks": ["files", { "type": "tcp", "port": 9, "interval": "1s", "timeout": "1s",
                                "fast_interval": "1s" }] } ] },
    { "id": "deep", "name": "a.sub.example.com.", "checks": ["raw"], "require": 1, "min_healthy": 0,
      "when_all_down": "none", "replicas": [ { "address": "2001:db8::5" } ] },
    { "name": "db primary", "type": "none", "checks": ["raw"], "when_all_down": "keep",
      "replicas": [ "192.0.2.20", { "name": "second", "address": "192.0.2.21" } ] }
  ],
  "control": { "socket": "run/control.sock" },
  "state_dir": "/var/lib/ronda",
  "allow_exec": false
}
)";

std::string printed(const ConfigResult& result) {
  std::string text;
  if (!result) {
    for (const ConfigProblem& problem : result.error()) {
      text += problem.to_string() + "\n";
    }
  }
  return text;
}

Config read_full(const Folder& folder) {
  folder.write("ca.pem", kCertificate, 0644);
  auto result = folder.read(kFull);
  INFO(printed(result));
  REQUIRE(result);
  return std::move(*result);
}

TEST_CASE("zones are read key by key") {
  const Folder folder;
  const Config config = read_full(folder);
  CHECK(config.file == folder.config());
  CHECK(config.mode == WriteMode::enforce);
  CHECK(config.grace == seconds(0));
  CHECK(config.control_socket == folder.path() / "run/control.sock");
  CHECK(config.state_dir == "/var/lib/ronda");
  REQUIRE(config.zones.size() == 3);
  const ZoneConfig& zone = config.zones[0];
  CHECK(zone.id == "public");
  CHECK(zone.zone.to_string() == "example.com");
  CHECK(zone.primaries == std::vector{net::HostPort{"2001:db8::53", 5353}});
  CHECK(zone.key_file == folder.path() / "tsig.key");
  REQUIRE(zone.key);
  CHECK(zone.key->name.to_string() == "ronda");
  CHECK(zone.transport == dnsupdate::Transport::udp);
  CHECK(zone.source == net::IpAddress::parse("2001:db8::1"));
  CHECK(zone.timeout == seconds(1));
  CHECK(zone.reconcile == seconds(60));
  CHECK(config.zones[1].id == "sub.example.com");
  CHECK(config.zones[1].primaries == std::vector{net::HostPort{"ns1.example.com", 53}});
  CHECK(config.zones[1].transport == dnsupdate::Transport::tcp);
  CHECK(config.zones[1].timeout == seconds(2));
  CHECK(config.zones[1].reconcile == seconds(15));
  CHECK_FALSE(config.zones[1].source);
  CHECK(config.zones[2].primaries == std::vector{net::HostPort{"192.0.2.53", 53}});
  CHECK(config.zones[2].transport == dnsupdate::Transport::automatic);
}

TEST_CASE("services are read key by key") {
  const Folder folder;
  const Config config = read_full(folder);
  REQUIRE(config.services.size() == 3);
  const ServiceConfig& www = config.services[0];
  CHECK(www.id == "www.example.com");
  CHECK(www.name.to_string() == "www.example.com");
  CHECK_FALSE(www.probes_only);
  CHECK(www.zone == 0);
  CHECK(www.mode == WriteMode::observe);
  CHECK(www.require == Require(RequireAny{}));
  CHECK(www.ttl == 30U);
  CHECK(www.families_apart);
  CHECK(www.min_healthy == MinHealthy{50, true});
  CHECK(www.when_all_down == WhenAllDown::fallback);
  REQUIRE(www.fallback.size() == 2);
  CHECK(www.fallback[1].to_string() == "2001:db8::99");
  CHECK(www.remove_foreign);
  REQUIRE(www.members.size() == 3);
  CHECK(www.members[0].replica == "192.0.2.1");
  CHECK(www.members[0].tier == 1);
  CHECK(www.members[1].replica == "web2");
  CHECK(www.members[1].address.to_string() == "192.0.2.2");
  CHECK(www.members[2].address.to_string() == "192.0.2.3");
  CHECK(www.members[2].tier == 2);

  const ServiceConfig& deep = config.services[1];
  CHECK(deep.id == "deep");
  CHECK(deep.zone == 1);
  CHECK(deep.mode == WriteMode::enforce);
  CHECK(deep.require == Require(1));
  CHECK(deep.ttl == 60U);
  CHECK_FALSE(deep.families_apart);
  CHECK(deep.min_healthy == MinHealthy{0, false});
  CHECK(deep.when_all_down == WhenAllDown::none);
  CHECK_FALSE(deep.remove_foreign);
  CHECK(deep.members[0].checks[0].spec.server_name == "a.sub.example.com");

  const ServiceConfig& db = config.services[2];
  CHECK(db.probes_only);
  CHECK(db.id == "db primary");
  REQUIRE(db.members.size() == 2);
  CHECK(db.members[0].checks[0].spec.server_name == "192.0.2.20");
  CHECK(db.members[1].checks[0].spec.server_name == "second");
}

TEST_CASE("a service without records is asked for by its name where that is a host's") {
  const Folder folder;
  const std::pair<std::string, std::string> rows[] = {
      {"www.example.com", "www.example.com"},
      {"www.example.com.", "www.example.com"},
      {"localhost", "localhost"},
      {"db", "second"},
      {"db.primary of site", "second"},
      {"*.example.com", "second"},
      {"192.0.2.9", "second"},
  };
  for (const auto& [name, expected] : rows) {
    INFO(name);
    const auto config = folder.read(R"({"services": [{"type": "none", "name": ")" + name +
                                    R"(", "checks": [{"type": "tls"}],
        "replicas": [{"name": "second", "address": "192.0.2.21"}]}]})");
    INFO(printed(config));
    REQUIRE(config);
    CHECK(config->services[0].members[0].checks[0].spec.server_name == expected);
  }
}

TEST_CASE("every check of a replica has a name of its own") {
  const Folder folder;
  const auto config = folder.read(R"({
    "checks": {"tcp-2": {"type": "ftp"}, "http": {"type": "http"}},
    "services": [{"name": "db", "type": "none",
      "checks": [{"type": "tcp", "port": 1}, {"type": "tcp", "port": 2}, {"type": "http"}, "tcp-2"],
      "load": [{"type": "number", "url": "/a", "high": 2, "low": 1}, {"type": "agent", "port": 9},
               {"type": "number", "url": "/b", "high": 2, "low": 1}],
      "replicas": ["192.0.2.1",
        {"address": "192.0.2.2", "checks": [{"type": "tcp", "port": 3}, "http"]}]}]})");
  INFO(printed(config));
  REQUIRE(config);
  const ServiceConfig& service = config->services[0];
  const auto names = [](const std::vector<MemberCheck>& checks) {
    std::string all;
    for (const MemberCheck& check : checks) {
      all += check.name + " ";
    }
    return all;
  };
  CHECK(names(service.members[0].checks) == "tcp tcp-3 http-2 tcp-2 ");
  CHECK(names(service.members[1].checks) == "tcp http ");
  CHECK(names(service.members[0].reports) == "number agent number-2 ");
  CHECK(service.demotions[2].name == "number-2");
}

TEST_CASE("checks are read key by key") {
  const Folder folder;
  const Config config = read_full(folder);
  const ServiceConfig& www = config.services[0];
  REQUIRE(www.members[0].checks.size() == 2);
  const MemberCheck& web = www.members[0].checks[0];
  CHECK(web.name == "web");
  CHECK(web.endpoint.to_string() == "192.0.2.1:8000");
  CHECK(web.timing == Timing{seconds(5), milliseconds(500), 2, 1, 3});
  CHECK(web.scope == Scope::dependency);
  CHECK(web.critical);
  CHECK(web.spec.kind == "http");
  CHECK(web.spec.timeout == milliseconds(1500));
  CHECK(web.spec.source == net::IpAddress::parse("192.0.2.9"));
  CHECK(web.spec.server_name == "sni.example.com");
  CHECK_FALSE(web.spec.tls_settings.verify);
  CHECK(web.spec.tls_settings.ca_file == (folder.path() / "ca.pem").string());
  CHECK(web.spec.cert_warn == std::chrono::hours(24 * 7));
  CHECK(web.spec.read_limit == 128 * 1024);
  const auto& http = std::get<probes::HttpCheck>(web.spec.protocol);
  CHECK(http.method == "POST");
  CHECK(http.path == "/health");
  CHECK(http.host == "h.example.com");
  CHECK(http.headers == probes::TextMap{{"X-Probe", "ronda"}});
  CHECK(http.status == std::vector<std::pair<int, int>>{{200, 200}, {300, 301}});
  CHECK(http.body == "ok");
  CHECK(http.body_not == "bad");
  CHECK(http.header == probes::TextMap{{"X-A", "1"}});
  CHECK(http.header_not == probes::TextMap{{"X-B", "2"}});

  const MemberCheck& mail = www.members[0].checks[1];
  CHECK(mail.endpoint.port == 25);
  CHECK(mail.timing == Timing{seconds(20), seconds(1), 4, 2, 5});
  CHECK(mail.spec.timeout == seconds(2));
  CHECK(mail.spec.tls == probes::TlsMode::starttls);
  CHECK(mail.spec.server_name == "www.example.com");
  CHECK(mail.scope == Scope::local);
  CHECK_FALSE(mail.critical);

  const auto& own = www.members[1].checks;  // a replica's checks replace its service's
  REQUIRE(own.size() == 2);
  CHECK(own[0].name == "files");
  CHECK(own[0].endpoint.to_string() == "192.0.2.2:8080");
  CHECK(own[1].name == "tcp");
  CHECK(own[1].endpoint.port == 8080);
  const auto& raw =
      std::get<probes::TcpCheck>(config.services[1].members[0].checks[0].spec.protocol);
  REQUIRE(raw.steps.size() == 2);
  CHECK(raw.steps[0].text == "hi\r\n");
}

TEST_CASE("load and freshness are read key by key") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{ "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key" }],
    "defaults": { "interval": "20s" },
    "services": [{ "name": "www.example.com",
      "checks": [{ "type": "https", "port": 8443, "host": "www", "verify": false }],
      "load": [
        { "type": "agent", "port": 9777, "send": "web1\\n", "agent_ttl": "45s" },
        { "type": "node_exporter", "interval": "1m", "disk_used": false,
          "load_per_core": { "high": 4 }, "network": { "high": 1e8, "low": 5e7 } },
        { "type": "number", "url": "https://app.example.com:8444/load?x=1", "pointer": "/a/b",
          "high": 2.5, "low": 2 } ],
      "freshness": { "from": "http_body", "path": "/stamp", "format": "integer", "max_lag": 3 },
      "replicas": [ { "address": "192.0.2.1", "port": 9000 } ] }] })");
  INFO(printed(config));
  REQUIRE(config);
  const ServiceConfig& service = config->services[0];
  REQUIRE(service.demotions.size() == 4);
  REQUIRE(service.members[0].reports.size() == 4);
  const auto& reports = service.members[0].reports;

  CHECK(service.demotions[0] == DemotionRule{.name = "agent", .ttl = seconds(45)});
  CHECK(reports[0].endpoint.to_string() == "192.0.2.1:9777");  // not the replica's port
  CHECK(std::get<probes::AgentCheck>(reports[0].spec.protocol).send == "web1\n");
  CHECK(reports[0].timing.interval == seconds(20));

  const std::vector<Mark> marks = {
      {"load_per_core", 4, 3}, {"memory_used", 0.95, 0.90}, {"network", 1e8, 5e7}};
  CHECK(service.demotions[1].marks == marks);
  CHECK(service.demotions[1].ttl == seconds(180));
  CHECK(reports[1].endpoint.port == 9100);
  CHECK(reports[1].spec.read_limit == 2 * 1024 * 1024);
  CHECK(std::get<probes::HttpCheck>(reports[1].spec.protocol).path == "/metrics");

  CHECK(service.demotions[2].marks == std::vector<Mark>{{"number", 2.5, 2}});
  CHECK(reports[2].endpoint.port == 8444);
  CHECK(reports[2].spec.tls == probes::TlsMode::implicit);
  CHECK(reports[2].spec.server_name == "app.example.com");
  const auto& number = std::get<probes::HttpCheck>(reports[2].spec.protocol);
  CHECK(number.path == "/load?x=1");
  CHECK(number.host == "app.example.com:8444");
  CHECK(number.reading.pointer == "/a/b");

  CHECK(service.demotions[3].max_lag == 3);
  CHECK_FALSE(service.demotions[3].in_seconds);
  CHECK(reports[3].endpoint.port == 9000);  // asked as its check asks
  CHECK(reports[3].spec.tls == probes::TlsMode::implicit);
  CHECK_FALSE(reports[3].spec.tls_settings.verify);
  const auto& stamp = std::get<probes::HttpCheck>(reports[3].spec.protocol);
  CHECK(stamp.host == "www");
  CHECK(stamp.path == "/stamp");
  CHECK(stamp.reading.format == probes::StampFormat::integer);
}

TEST_CASE("a report asks where it is told to, as fast as it is told to") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{ "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key" }],
    "defaults": { "interval": "10s", "fast_interval": "5s", "timeout": "2s" },
    "services": [
      { "name": "www.example.com",
        "checks": [{ "type": "http", "port": 8081, "http_version": "2" }],
        "load": [
          { "type": "agent", "port": 9777, "interval": "4s" },
          { "type": "number", "url": "/load", "tls": "implicit", "high": 2, "low": 1 },
          { "type": "number", "url": "https://app.example.com/load", "high": 2, "low": 1 },
          { "type": "number", "url": "/load", "high": 2, "low": 1 },
          { "type": "node_exporter", "disk_used": false, "network": { "high": 1e8 } } ],
        "freshness": { "from": "http_body", "max_lag": "1m", "interval": "4s" },
        "replicas": [ "192.0.2.1" ] },
      { "name": "ftp.example.com", "checks": [{ "type": "tcp" }],
        "freshness": { "from": "http_body", "max_lag": "1m", "port": 8000 },
        "replicas": [ { "address": "192.0.2.2", "port": 9000 } ] },
      { "name": "ns.example.com", "checks": [{ "type": "tcp", "port": 53 }],
        "freshness": { "from": "dns_serial", "max_lag": 1000.0 }, "replicas": [ "192.0.2.3" ] },
      { "name": "*.example.com", "checks": [{ "type": "https", "server_name": "a.example.com" }],
        "load": [ { "type": "agent", "port": 9777 },
                  { "type": "number", "url": "http://a.example.com/", "high": 2, "low": 1 },
                  { "type": "node_exporter", "server_name": "a.example.com" } ],
        "freshness": { "from": "http_body", "max_lag": "1m" },
        "replicas": [ "192.0.2.4" ] }] })");
  INFO(printed(config));
  REQUIRE(config);
  const auto& reports = config->services[0].members[0].reports;
  CHECK(reports[0].timing.interval == seconds(4));
  CHECK(reports[0].timing.fast_interval == seconds(4));
  CHECK(reports[1].endpoint.port == 443);
  CHECK(reports[2].endpoint.port == 443);
  CHECK(reports[3].endpoint.port == 80);
  using Names = std::vector<std::string>;
  CHECK(std::get<probes::HttpCheck>(reports[4].spec.protocol).reading.measures ==
        Names{"load_per_core", "memory_used", "network"});
  CHECK(reports[5].timing.fast_interval == seconds(4));
  CHECK(reports[5].endpoint.port == 8081);
  CHECK(std::get<probes::HttpCheck>(reports[5].spec.protocol).version == probes::HttpVersion::two);
  CHECK(config->services[1].members[0].reports[0].endpoint.port == 8000);
  CHECK(config->services[2].demotions[0].max_lag == 1000);
  CHECK(config->services[3].members[0].reports[3].spec.server_name == "a.example.com");
}

TEST_CASE("freshness by serial asks as the replica's dns check does") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{ "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key" }],
    "services": [{ "name": "ns.example.com",
      "checks": [{ "type": "dns", "port": 5353, "transport": "tcp" }],
      "freshness": { "from": "dns_serial", "max_lag": 2 }, "replicas": [ "192.0.2.1" ] }] })");
  INFO(printed(config));
  REQUIRE(config);
  const DemotionRule& rule = config->services[0].demotions[0];
  CHECK(rule.wraps);
  CHECK(rule.max_lag == 2);
  const MemberCheck& serial = config->services[0].members[0].reports[0];
  CHECK(serial.endpoint.port == 5353);
  const auto& dns = std::get<probes::DnsCheck>(serial.spec.protocol);
  CHECK(dns.transport == probes::DnsTransport::tcp);
  CHECK(dns.authoritative);
  CHECK(dns.name.starts_with("example.com"));
}

TEST_CASE("a load says little and gets every default") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{ "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key" }],
    "services": [{ "name": "www.example.com", "checks": [{ "type": "ftp" }],
      "load": [ { "type": "agent", "port": 9777 }, { "type": "node_exporter" } ],
      "freshness": { "from": "ftp_mdtm", "path": "stamp", "max_lag": "10m" },
      "replicas": [ "192.0.2.1" ] }] })");
  INFO(printed(config));
  REQUIRE(config);
  const ServiceConfig& service = config->services[0];
  CHECK(service.demotions[0].ttl == seconds(60));
  const std::vector<Mark> marks = {
      {"load_per_core", 2, 1.5}, {"memory_used", 0.95, 0.90}, {"disk_used", 0.95, 0.90}};
  CHECK(service.demotions[1].marks == marks);
  CHECK(service.demotions[2].max_lag == 600);
  const MemberCheck& mdtm = service.members[0].reports[2];
  CHECK(mdtm.endpoint.port == 21);
  CHECK(std::get<probes::FtpCheck>(mdtm.spec.protocol) ==
        probes::FtpCheck{.anonymous = true, .mdtm = "stamp"});
}

TEST_CASE("a small config gets every default") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{"zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"}],
    "checks": {"slow": {"type": "http"}, "quick": {"type": "https", "interval": "1s"}},
    "services": [{"name": "www.example.com", "checks": ["slow", "quick"], "replicas": ["192.0.2.1"]}]})");
  INFO(printed(config));
  REQUIRE(config);
  CHECK(config->mode == WriteMode::enforce);
  CHECK(config->grace == seconds(30));
  CHECK_FALSE(config->control_socket);
  CHECK_FALSE(config->state_dir);
  CHECK(config->warnings.empty());
  const ServiceConfig& service = config->services[0];
  CHECK(service.require == Require(RequireAll{}));
  CHECK(service.min_healthy == MinHealthy{1, false});
  CHECK(service.when_all_down == WhenAllDown::keep);
  CHECK_FALSE(service.ttl);
  CHECK(service.fallback.empty());
  const MemberCheck& slow = service.members[0].checks[0];
  CHECK(slow.timing == Timing{});
  CHECK(slow.spec.timeout == seconds(3));
  CHECK(slow.endpoint.port == 80);
  CHECK(slow.spec.tls == probes::TlsMode::off);
  const MemberCheck& quick = service.members[0].checks[1];  // built-in values give way to it
  CHECK(quick.timing == Timing{seconds(1), seconds(1), 3, 3, 1});
  CHECK(quick.spec.timeout == seconds(1));
  CHECK(quick.endpoint.port == 443);
  CHECK(quick.spec.tls == probes::TlsMode::implicit);
}

TEST_CASE("all problems come at once, in the order of the text") {
  const Folder folder;
  const auto result = folder.read(R"({
    "mode": 1,
    "zones": [{"zone": "example.com", "primary": 5, "key_file": "gone.key"}],
    "checks": {"web": {"type": "http", "port": 0}, "odd": {"type": "odd"}},
    "services": [
      {"name": "www.example.org", "checks": ["wep"], "ttl": "x", "replicas": ["a", "192.0.2.1"]},
      {"nam": "x"}
    ],
    "extra": {}
  })");
  REQUIRE_FALSE(result);
  std::vector<std::string> pointers;
  for (const ConfigProblem& problem : result.error()) {
    pointers.push_back(problem.pointer);
  }
  CHECK(pointers == std::vector<std::string>{
                        "/mode", "/zones/0/primary", "/zones/0/key_file", "/checks/web/port",
                        "/checks/odd/type", "/services/0/name", "/services/0/checks/0",
                        "/services/0/ttl", "/services/0/replicas/0", "/services/1", "/services/1",
                        "/services/1", "/services/1/nam", "/extra"});
}

TEST_CASE("at most a hundred problems are shown, the rest is counted") {
  const Folder folder;
  std::string text = "{\"services\": [";
  for (int i = 0; i < 20'000; ++i) {
    text += i == 0 ? "1" : ", 1";
  }
  const auto result = folder.read(text + "]}");
  REQUIRE_FALSE(result);
  REQUIRE(result.error().size() == 101);
  CHECK(result.error()[99].pointer == "/services/99");
  CHECK(result.error()[100].line == 0);
  CHECK_THAT(result.error()[100].to_string(),
             ContainsSubstring("ronda.json: error: 19900 more problems are not shown"));
}

TEST_CASE("a problem is printed with its line and carets") {
  const Folder folder;
  const auto result = folder.read("{\n\t\"s\xC3\xA9rvices\": []}");
  REQUIRE_FALSE(result);
  REQUIRE(result.error().size() == 2);
  CHECK(result.error()[1].to_string() == folder.config().string() +
                                             ":2:2: error: /s\xC3\xA9rvices: unknown key "
                                             "\"s\xC3\xA9rvices\"; did you mean \"services\"?\n"
                                             "    2 | \t\"s\xC3\xA9rvices\": []}\n"
                                             "      | \t^" +
                                             std::string(9, '~'));
}

TEST_CASE("a long line is clipped around the problem, control characters are not printed") {
  const Folder folder;
  const std::string padding(5000, ' ');
  const auto result =
      folder.read("{/*\x1b[31m*/" + padding + "\"k\\u001b\": 1," + padding + "\"services\": []}");
  REQUIRE_FALSE(result);
  const ConfigProblem& problem = result.error()[0];
  CHECK(problem.column == 5000 + 11);
  CHECK(problem.source.size() <= 170);
  CHECK(problem.source.substr(problem.caret - 1, problem.width) == "\"k\\u001b\"");
  CHECK(problem.to_string().find('\x1b') == std::string::npos);
}

TEST_CASE("the control socket is found in a config that has problems") {
  const Folder folder;
  const auto found = [&](const std::string& text) {
    folder.write("ronda.json", text, 0644);
    return read_control_socket(folder.config());
  };
  const std::string control = R"({"control": {"socket": "run/control.sock"}, )";
  CHECK(found(control + R"("zones": [{"key_file": "gone"}], "servces": 1})") ==
        folder.config().parent_path() / "run/control.sock");
  CHECK(found(control + "\"services\": [}") == std::nullopt);
  CHECK(found(R"({"control": {"socket": 1}})") == std::nullopt);
  CHECK(found(R"({"control": {"socket": ""}})") == std::nullopt);
  CHECK(found(R"({"control": []})") == std::nullopt);
  CHECK(found("[]") == std::nullopt);
  CHECK(read_control_socket(folder.config().parent_path() / "gone.json") == std::nullopt);
}

TEST_CASE("warnings carry their place") {
  const Folder folder;
  folder.write("old.key", "key old { algorithm hmac-md5; secret \"c2VjcmV0IQ==\"; };", 0600);
  const auto config = folder.read(R"({ "mode": "observe",
"zones": [{"zone": "example.com", "primary": "127.0.0.1", "key_file": "old.key"},
{"zone": "example.net", "primary": "127.0.0.1", "key_file": "tsig.key"}],
"checks": {"web": {"type": "http"},
"idle": {"type": "http"}},
"services": [{"name": "www.example.com", "checks": ["web"], "ttl": 3600, "replicas": ["192.0.2.1"],
"mode": "enforce"},
{"name": "db", "type": "none", "foreign": "keep", "checks": ["web"], "replicas": ["192.0.2.1"]},
{"name": "a.example.com", "checks": ["web"], "replicas": ["192.0.2.1"], "fallback": ["192.0.2.9"]}]})");
  INFO(printed(config));
  REQUIRE(config);
  const std::string file = folder.config().string();
  const std::vector<std::pair<std::string, std::string>> expected = {
      {file + ":2:71: warning: ", "weak algorithm"},
      {file + ":3:1: warning: ", "has no services"},
      {file + ":5:1: warning: ", "used by no service"},
      {file + ":6:68: warning: ", "1h"},
      {file + ":7:9: warning: ", "no effect"},
      {file + ":8:43: warning: ", "means nothing"},
      {file + ":9:85: warning: ", "never used"},
  };
  REQUIRE(config->warnings.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(config->warnings[i]);
    CHECK(config->warnings[i].starts_with(expected[i].first));
    CHECK_THAT(config->warnings[i], ContainsSubstring(expected[i].second));
  }
  CHECK(config->services[0].mode == WriteMode::observe);
}

TEST_CASE("what is believed to be verified, and what never removes anybody, is warned about") {
  const Folder folder;
  folder.write("ca.pem", kCertificate, 0644);
  const auto warnings = [&](const std::string& check) {
    const auto config = folder.read(R"({"services": [{"name": "a", "type": "none", "checks": [)" +
                                    check + R"(], "replicas": ["192.0.2.1", "192.0.2.2"]}]})");
    INFO(printed(config));
    REQUIRE(config);
    return config->warnings;
  };
  const auto one = [&](const std::string& check, const std::string& piece) {
    const auto said = warnings(check);
    INFO(check);
    REQUIRE(said.size() == 1);
    CHECK_THAT(said[0], ContainsSubstring(piece));
  };
  one(R"({"type": "http", "ca_file": "ca.pem"})", "without TLS; write \"type\": \"https\"");
  one(R"({"type": "smtp", "verify": false})", "without TLS; write \"tls\": \"starttls\"");
  one(R"({"type": "redis", "cert_warn": "1d"})", "without TLS; write \"tls\": \"implicit\"");
  one(R"({"type": "dns", "name": "example.com", "cert_warn": "1d"})",
      "without TLS; write \"transport\": \"tls\"");
  one(R"({"type": "http"}, {"type": "icmp", "critical": true, "scope": "dependency"})",
      "\"critical\" means nothing");
  one(R"({"type": "http", "scope": "dependency"})", "always counts as healthy");
  CHECK(warnings(R"({"type": "https", "ca_file": "ca.pem"})").empty());
  const auto load = folder.read(
      R"({"zones": [{"zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"}],
          "services": [{"name": "www.example.com", "checks": [{"type": "http"}], "replicas": ["192.0.2.1"],
                        "load": [{"type": "number", "url": "/load", "high": 2, "low": 0}]}]})");
  INFO(printed(load));
  REQUIRE(load);
  REQUIRE(load->warnings.size() == 1);
  CHECK_THAT(load->warnings[0], ContainsSubstring("nothing is below 0"));
  CHECK(warnings(R"({"type": "http", "ca_file": "ca.pem", "follow_redirects": true})").empty());
  const auto led = [](const char* header) {
    return R"({"type": "http", "follow_redirects": true, "headers": {")" + std::string(header) +
           R"(": "x"}})";
  };
  one(led("X-Api-Key"), "\"X-Api-Key\" goes with \"follow_redirects\" wherever a redirect leads");
  CHECK(warnings(led("AUTHORIZATION")).empty());
  CHECK(warnings(led("Cookie")).empty());
  CHECK(warnings(led("Accept")).empty());
  CHECK(
      warnings(R"({"type": "tcp", "port": 1, "ca_file": "ca.pem", "steps": [{"starttls": true}]})")
          .empty());
}

TEST_CASE("a secret that is not beside the config is looked for among the credentials") {
  const Folder folder;
  const Folder credentials;
  credentials.write("only-there.key", kKey, 0400);
  const std::string text = R"({
    "zones": [{"zone": "example.com", "primary": "127.0.0.1", "key_file": "only-there.key"},
              {"zone": "example.net", "primary": "127.0.0.1", "key_file": "tsig.key"}],
    "services": []})";
  REQUIRE(::setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1) == 0);
  const auto config = folder.read(text);
  REQUIRE(::unsetenv("CREDENTIALS_DIRECTORY") == 0);
  INFO(printed(config));
  REQUIRE(config);
  CHECK(config->zones[0].key_file == credentials.path() / "only-there.key");
  CHECK(config->zones[1].key_file == folder.path() / "tsig.key");
  CHECK_FALSE(folder.read(text));
}

TEST_CASE("the config is read from its file") {
  const Folder folder;
  folder.write("ca.pem", kCertificate, 0644);
  folder.write("ronda.json", kFull, 0644);
  CHECK(read_config(folder.config()));
  const auto gone = read_config(folder.path() / "gone.json");
  REQUIRE_FALSE(gone);
  CHECK(gone.error()[0].to_string() == (folder.path() / "gone.json").string() +
                                           ": error: cannot be read: No such file or directory");
  CHECK_FALSE(read_config(folder.path()));
}

TEST_CASE("two views of one zone may hold one name") {
  const Folder folder;
  const auto config = folder.read(R"({
    "zones": [{"id": "in", "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"},
              {"id": "out", "zone": "example.com", "primary": "127.0.0.2", "key_file": "tsig.key"}],
    "checks": {"web": {"type": "http"}},
    "services": [
      {"name": "www.example.com", "zone": "in", "checks": ["web"], "replicas": ["192.0.2.1"]},
      {"id": "outer", "name": "www.example.com", "zone": "out", "checks": ["web"],
       "replicas": ["192.0.2.1"]}]})");
  INFO(printed(config));
  REQUIRE(config);
  CHECK(config->services[0].zone == 0);
  CHECK(config->services[1].zone == 1);
}

TEST_CASE("ten thousand replicas are read") {
  const Folder folder;
  std::string text =
      R"({"zones": [{"zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"}],
          "checks": {"web": {"type": "http"}}, "services": [)";
  for (int s = 0; s < 100; ++s) {
    text += (s == 0 ? "" : ",\n") + std::string(R"({"name": "s)") + std::to_string(s) +
            R"(.example.com", "checks": ["web"], "replicas": [)";
    for (int r = 0; r < 100; ++r) {
      text += (r == 0 ? "" : ", ") + std::string(R"({"name": "r)") + std::to_string(r) +
              R"(", "address": "10.)" + std::to_string(s) + ".0." + std::to_string(r) + "\"}";
    }
    text += "]}";
  }
  const auto config = folder.read(text + "]}");
  REQUIRE(config);
  REQUIRE(config->services.size() == 100);
  CHECK(config->services[99].members.size() == 100);
}

TEST_CASE("a file cut short at any octet is refused with a place") {
  const Folder folder;
  folder.write("ca.pem", kCertificate, 0644);
  const auto end = kFull.find_last_of('}');
  for (std::size_t size = 0; size <= end; ++size) {
    const auto result = folder.read(kFull.substr(0, size));
    if (result || result.error().size() != 1 || result.error()[0].line == 0 ||
        result.error()[0].to_string().empty()) {
      FAIL("cut at " << size << ": " << printed(result));
    }
  }
}

}  // namespace
}  // namespace ronda::agent
