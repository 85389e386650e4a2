// One row a rule: a text with the place marked, the pointer, and a decisive piece of the sentence.
#include "tests/unit/config/fixture.hpp"

namespace ronda::agent {
namespace {

struct Row {
  std::string text;
  std::string pointer;
  std::string piece;
};

const std::string kZone =
    R"({"zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"})";
const std::string kService =
    R"({"name": "www.example.com", "checks": ["web"], "replicas": ["192.0.2.1"]})";

std::string config(const std::string& zones, const std::string& checks, const std::string& services,
                   const std::string& more = "") {
  return "{\n  \"zones\": [" + zones + "],\n  \"checks\": {" + checks + "},\n  \"services\": [\n" +
         services + "]" + more + "\n}\n";
}
const std::string kWeb = R"("web": {"type": "http"})";

std::string top(const std::string& keys) {
  return config(kZone, kWeb, kService, ",\n" + keys);
}
std::string zone(const std::string& keys) {
  return config(R"({"zone": "example.com", )" + keys + "}", kWeb, kService);
}
std::string zone_plus(const std::string& keys) {
  return zone(R"("primary": "127.0.0.1", "key_file": "tsig.key", )" + keys);
}
std::string check(const std::string& keys) {
  return config(kZone, R"("web": {"type": "http", )" + keys + "}", kService);
}
std::string service(const std::string& keys) {
  return config(kZone, kWeb, R"({"name": "www.example.com", )" + keys + "}");
}
std::string service_plus(const std::string& keys) {
  return service(R"("checks": ["web"], "replicas": ["192.0.2.1"], )" + keys);
}
std::string replicas(const std::string& list) {
  return service("\n\"checks\": [\"web\"], \"replicas\": [" + list + "]");
}
std::string services(const std::string& more) {
  return config(kZone, kWeb, kService + ",\n" + more);
}

void expect_rows(const Folder& folder, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Marked marked = unmark(row.text);
    INFO(row.text);
    const auto result = folder.read(marked.text);
    REQUIRE_FALSE(result);
    std::string all;
    for (const ConfigProblem& problem : result.error()) {
      all += problem.to_string() + "\n";
    }
    INFO(all);
    REQUIRE(result.error().size() == 1);
    const ConfigProblem& problem = result.error()[0];
    CHECK(problem.file == folder.config().string());
    CHECK(problem.line == marked.line);
    CHECK(problem.column == marked.column);
    CHECK(problem.pointer == row.pointer);
    CHECK_THAT(problem.message, ContainsSubstring(row.piece));
  }
}

TEST_CASE("the base of the rows is sound") {
  const Folder folder;
  CHECK(folder.read(config(kZone, kWeb, kService)));
}

TEST_CASE("rules of the whole file") {
  const Folder folder;
  expect_rows(
      folder,
      {
          {"@[]", "", "must be an object"},
          {"@{}", "", "\"services\" is missing"},
          {"{\"services\": [],@}", "", "remove the comma"},
          {top(R"(@"modee": 1)"), "/modee", "did you mean \"mode\"?"},
          {top(R"("mode": @"off")"), "/mode", "known here: enforce, observe"},
          {top(R"("mode": "observe", @"mode": "enforce")"), "/mode", "duplicate key"},
          {top(R"("mode": @true)"), "/mode", "must be a string"},
          {top(R"(@"witnesses": [])"), "/witnesses", "not built yet in this version; remove it ("},
          {top(R"(@"brake": {})"), "/brake", "not built yet"},
          {top(R"(@"damping": {})"), "/damping", "not built yet"},
          {top(R"(@"budget": {})"), "/budget", "not built yet"},
          {top(R"(@"listen": "127.0.0.1:9053")"), "/listen", "not built yet"},
          {top(R"(@"include": [])"), "/include", "not built yet"},
          {top(R"(@"hooks": [])"), "/hooks", "not built yet"},
          {top(R"("allow_exec": @"no")"), "/allow_exec", "without quotes"},
          {top(R"("control": {"socket": @""})"), "/control/socket", "empty"},
          {top(R"("control": {@"sock": "x"})"), "/control/sock", "did you mean \"socket\"?"},
          {top(R"("control": {"socket": @"/)" + std::string(120, 'x') + "\"}"), "/control/socket",
           "at most 107"},
          {top(R"("state_dir": @"")"), "/state_dir", "empty"},
          {top(R"("$schema": @1)"), "/$schema", "must be a string"},
          {top(R"("defaults": {"interval": @10})"), "/defaults/interval", "write \"10s\""},
          {top(R"("defaults": {"interval": @"10"})"), "/defaults/interval", "\"interval\""},
          {top(R"("defaults": {"interval": @"1ms"})"), "/defaults/interval", "from 10ms"},
          {top(R"("defaults": {"interval": "1s", "timeout": @"2s"})"), "/defaults/timeout",
           "longer than \"interval\""},
          {top(R"("defaults": {"interval": "1s", "fast_interval": @"2s"})"),
           "/defaults/fast_interval", "longer than \"interval\""},
          {top(R"("defaults": {"fall": @101})"), "/defaults/fall", "from 1 to 100"},
          {top(R"("defaults": {"rise": @0})"), "/defaults/rise", "from 1 to 100"},
          {top(R"("defaults": {"ok": @1.5})"), "/defaults/ok", "whole number"},
          {top(R"("defaults": {"ttl": @2147483648})"), "/defaults/ttl", "to 2147483647"},
          {top(R"("defaults": {"ttl": @"30"})"), "/defaults/ttl", "without quotes"},
          {top(R"("defaults": {"grace": @99999999999999999999})"), "/defaults/grace", "duration"},
      });
}

TEST_CASE("rules of zones") {
  const Folder folder;
  const std::string bad_name = "\"zone\": ";
  expect_rows(
      folder,
      {
          {zone(R"("primary": "127.0.0.1", "key_file": "tsig.key", @"idd": "x")"), "/zones/0/idd",
           "did you mean \"id\"?"},
          {config(R"(@{"zone": "example.com", "primary": "127.0.0.1"})", kWeb, kService),
           "/zones/0", "\"key_file\" is missing"},
          {zone(R"("key_file": "tsig.key", "primary": @[])"), "/zones/0/primary", "1 to 16"},
          {zone(R"("key_file": "tsig.key", "primary": ["127.0.0.1", @5])"), "/zones/0/primary/1",
           "address:port"},
          {zone(R"("key_file": "tsig.key", "primary": ["127.0.0.1", @"127.0.0.1:53"])"),
           "/zones/0/primary/1", "twice"},
          {zone(R"("key_file": "tsig.key", "primary": @"127.0.0.1:99999")"), "/zones/0/primary",
           "\"primary\""},
          {zone(R"("key_file": "tsig.key", "primary": @"ns1..example.com")"), "/zones/0/primary",
           "\"primary\""},
          {zone_plus(R"("transport": @"tpc")"), "/zones/0/transport", "did you mean"},
          {zone_plus(R"("tls": @{})"), "/zones/0/tls", "\"transport\": \"tls\""},
          {zone_plus(R"("transport": "tls", "tls": {"pin": @""})"), "/zones/0/tls/pin", "44"},
          {zone_plus(R"("transport": "tls", "tls": {"pin": @"AAECAwQFBgcICQ=="})"),
           "/zones/0/tls/pin", "44 characters"},
          {zone_plus(R"("transport": "tls", "tls": {"name": @""})"), "/zones/0/tls/name",
           "certificate"},
          {zone_plus(R"("transport": "tls", "tls": {"ca_file": @"gone.pem"})"),
           "/zones/0/tls/ca_file", "cannot be read"},
          {zone(R"("key_file": "tsig.key", "transport": @"tls")"), "/zones/0/transport",
           "found through the SOA"},
          {zone_plus(R"("source": @"eth0")"), "/zones/0/source", "no IP address"},
          {zone_plus(R"("source": @"2001:db8::1")"), "/zones/0/source", "IPv6"},
          {zone_plus(R"("id": @"")"), "/zones/0/id", "empty"},
          {zone_plus(R"("timeout": @2)"), "/zones/0/timeout", "write \"2s\""},
          {zone_plus(R"("reconcile": @"1ms")"), "/zones/0/reconcile", "10ms"},
          {zone_plus(R"("key_name": @"other")"), "/zones/0/key_name", "ronda"},
          {config(R"({"zone": @"exa mple..com", "primary": "127.0.0.1", "key_file": "tsig.key"})",
                  kWeb,
                  R"({"name": "x", "type": "none", "checks": ["web"], "replicas": ["192.0.2.1"]})"),
           "/zones/0/zone", bad_name},
          {config(kZone + ", @[]", kWeb, kService), "/zones/1", "must be an object"},
          {config(kZone + ",\n@" +
                      R"({"zone": "example.com", "primary": "127.0.0.2", "key_file": "tsig.key"})",
                  kWeb, R"({"name": "www.example.com", "zone": "example.com", "checks": ["web"],
                            "replicas": ["192.0.2.1"]})"),
           "/zones/1", "two zones have the id \"example.com\"; the first is at line 2"},
          {config(kZone + ",\n@" + R"({"id": "b", "zone": "example.com", "primary": "127.0.0.1:53",
                                       "key_file": "tsig.key"})",
                  kWeb, R"({"name": "www.example.com", "zone": "b", "checks": ["web"],
                            "replicas": ["192.0.2.1"]})"),
           "/zones/1", "the same zone at the same primary"},
      });
}

TEST_CASE("rules of key files") {
  const Folder folder;
  folder.write("open.key", kKey, 0644);
  folder.write("writable.key", kKey, 0642);
  folder.write("empty.key", "", 0600);
  folder.write("junk.key", "key ronda { secret", 0600);
  folder.write(
      "two.key",
      std::string(kKey) + "key \"second\" { algorithm hmac-sha256; secret \"c2VjcmV0IQ==\"; };",
      0600);
  std::filesystem::create_directory(folder.path() / "folder.key");
  const auto with = [](const std::string& file) {
    return zone(R"("primary": "127.0.0.1", "key_file": @")" + file + "\"");
  };
  expect_rows(folder,
              {
                  {with(""), "/zones/0/key_file", "empty"},
                  {with("gone.key"), "/zones/0/key_file", "No such file"},
                  {with("gone.key"), "/zones/0/key_file", (folder.path() / "gone.key").string()},
                  {with("folder.key"), "/zones/0/key_file", "it is a folder"},
                  {with("open.key"), "/zones/0/key_file",
                   "chmod 640 " + (folder.path() / "open.key").string()},
                  {with("writable.key"), "/zones/0/key_file", "chmod 640"},
                  {with("empty.key"), "/zones/0/key_file", "empty.key: "},
                  {with("junk.key"), "/zones/0/key_file", "junk.key: "},
                  {with("two.key"), "/zones/0/key_file", "second"},
              });
  const auto chosen =
      folder.read(zone(R"("primary": "127.0.0.1", "key_file": "two.key", "key_name": "second")"));
  REQUIRE(chosen);
  CHECK(chosen->zones[0].key->name.to_string() == "second");
}

TEST_CASE("rules of checks that ask a DNS server") {
  const Folder folder;
  const auto dns = [](const std::string& keys, const std::string& zones = kZone) {
    return config(zones, R"("web": @{"type": "dns")" + keys + "}", kService);
  };
  const auto marked = [](std::string text) {
    text.erase(text.find('@'), 1);
    return text;
  };
  const std::string lag = R"(, "serial_lag": 1)";
  const std::string zone_start = R"({"zone": "example.com", "key_file": "tsig.key")";
  const std::string none =
      R"({"name": "ns", "type": "none", "checks": ["web"], "replicas": ["192.0.2.1"]})";
  expect_rows(folder,
              {
                  {config(kZone, R"("web": @{"type": "dns"})", kService + ", " + none),
                   "/checks/web", "asks for no zone; give it a \"name\""},
                  {config(kZone, R"("web": {"type": "dns", "name": @"a..b", "serial_lag": 1})",
                          kService + ", " + none),
                   "/checks/web/name", "a..b"},
                  {config(kZone, R"("web": {"type": "http"})",
                          kService + R"(, {"name": "w", "type": "none", "checks": ["web"],
                          "replicas": ["192.0.2.1"],
                          "freshness": @{"from": "dns_serial", "max_lag": 3}})"),
                   "/services/1/freshness", "asks for no zone; give it a \"path\""},
                  {dns(lag, zone_start + "}"), "/checks/web",
                   "write the \"primary\" of zone \"example.com\" as an address"},
                  {dns(lag, zone_start + R"(, "primary": "ns1.example.com"})"), "/checks/web",
                   "write the \"primary\" of zone \"example.com\" as an address"},
                  {dns(lag, zone_start + R"(, "primary": "127.0.0.1", "transport": "tls"})"),
                   "/checks/web", "reached over TLS"},
                  {dns(lag + R"(, "name": "example.org")"), "/checks/web",
                   "its name \"example.org\" is none of the \"zones\""},
                  {marked(dns(R"(, "serial_lag": @-1)")), "/checks/web/serial_lag", "from 0 to"},
                  {marked(dns(R"(, "serial_lag": @"1")")), "/checks/web/serial_lag", "number"},
                  {marked(dns(R"(, "serial_lag": @1, "qtype": "A")")), "/checks/web/serial_lag",
                   "only the SOA has a serial"},
              });
}

TEST_CASE("a dns check knows its zone, its primary and its port") {
  const Folder folder;
  const auto read = [&](const std::string& keys, const std::string& zones) {
    const auto config_read =
        folder.read(config(zones, R"("web": {"type": "dns")" + keys + "}", kService));
    REQUIRE(config_read);
    return config_read->services[0].members[0].checks[0];
  };
  const auto dns = [](const MemberCheck& check) {
    return std::get<probes::DnsCheck>(check.spec.protocol);
  };
  CHECK(dns(read("", kZone)).name == "example.com");
  CHECK(read("", kZone).endpoint.port == 53);
  CHECK_FALSE(dns(read("", kZone)).reference);
  CHECK(read(R"(, "transport": "tls")", kZone).endpoint.port == 853);
  CHECK(read(R"(, "transport": "tls", "port": 8853)", kZone).endpoint.port == 8853);
  CHECK(dns(read(R"(, "name": "example.org")", kZone)).name == "example.org");

  const std::string lag = R"(, "serial_lag": 1)";
  CHECK(dns(read(lag, kZone)).reference->endpoint.to_string() == "127.0.0.1:53");
  CHECK(dns(read(lag, kZone)).reference->transport == probes::DnsTransport::udp);
  const std::string more = R"({"zone": "example.com", "key_file": "tsig.key", "id": "inside",
      "primary": ["ns1.example.com", "192.0.2.53:5353"], "transport": "tcp",
      "source": "192.0.2.7"})";
  const auto reference = dns(read(lag, more)).reference;
  CHECK(reference->endpoint.to_string() == "192.0.2.53:5353");
  CHECK(reference->transport == probes::DnsTransport::tcp);
  CHECK(reference->source == net::IpAddress::parse("192.0.2.7"));
  // The zone that is named, not the service's.
  const std::string other =
      R"(, {"zone": "example.org", "key_file": "tsig.key", "primary": "192.0.2.54"})";
  const auto named = dns(read(lag + R"(, "name": "Example.ORG")", kZone + other));
  CHECK(named.reference->endpoint.to_string() == "192.0.2.54:53");
  CHECK(named.name == "Example.ORG");
}

TEST_CASE("rules of checks that run a program") {
  const Folder folder;
  folder.write("plugin", "#!/bin/sh\n", 0755);
  folder.write("plain", "#!/bin/sh\n", 0644);
  folder.write("open", "#!/bin/sh\n", 0757);
  const auto exec = [](const std::string& keys) {
    return config(kZone, R"("web": {"type": "exec", )" + keys + "}", kService,
                  ",\n\"allow_exec\": true");
  };
  const auto plus = [&](const std::string& keys) {
    return exec(R"("argv": ["plugin", "{address}"], )" + keys);
  };
  expect_rows(
      folder,
      {
          {config(kZone, R"("web": {"type": @"exec", "argv": ["plugin"]})", kService),
           "/checks/web/type", "write \"allow_exec\": true at the top"},
          {config(kZone, R"("web": @{"type": "exec"})", kService, ",\n\"allow_exec\": true"),
           "/checks/web", "\"argv\" is missing"},
          {exec(R"("argv": @"plugin")"), "/checks/web/argv", "write [\"plugin\"]"},
          {exec(R"("argv": @[])"), "/checks/web/argv", "names no program"},
          {exec(R"("argv": @[""])"), "/checks/web/argv", "names no program"},
          {exec(R"("argv": ["plugin", @1])"), "/checks/web/argv/1", "a string, not"},
          {exec(R"("argv": [@"./gone"])"), "/checks/web/argv/0", "cannot be run: No such file"},
          {exec(R"("argv": [@"gone"])"), "/checks/web/argv/0", "PATH is not searched"},
          {exec(R"("argv": [@"/bin/gone -v"])"), "/checks/web/argv/0", "no shell takes it apart"},
          {exec(R"("argv": [@"."])"), "/checks/web/argv/0", "cannot be run: it is a folder"},
          {exec(R"("argv": [@"plain"])"), "/checks/web/argv/0", "chmod +x"},
          {exec(R"("argv": [@"open"])"), "/checks/web/argv/0", "chmod o-w"},
          {exec(R"("argv": @["plugin", "{adress}"])"), "/checks/web/argv",
           "item 2: \"{adress}\" is none of {address}"},
          {exec(R"("argv": @["plugin", ")" + std::string(17'000, 'x') + "\"]"), "/checks/web/argv",
           "at most 16384"},
          {config(kZone, R"("web": {"type": "exec", "argv": ["plugin", "{port}"]})",
                  R"({"name": "www.example.com", "checks": ["web"], "replicas": [@"192.0.2.1"]})",
                  ",\n\"allow_exec\": true"),
           "/services/0/replicas/0", "passes {port} to its program"},
          {plus(R"("exit_codes": @"monn")"), "/checks/web/exit_codes", "nor \"mon\""},
          {plus(R"("tls": @"off")"), "/checks/web/tls", "no connection itself"},
          {plus(R"("source": @"192.0.2.7")"), "/checks/web/source", "no connection itself"},
          {plus(R"("server_name": @"a.example")"), "/checks/web/server_name", "argument"},
          {plus(R"("verify": @false)"), "/checks/web/verify", "argument"},
          {plus(R"("cert_warn": @"1d")"), "/checks/web/cert_warn", "argument"},
          {plus(R"("read_limit": @"1KiB")"), "/checks/web/read_limit", "argument"},
          {plus(R"(@"path": "/")"), "/checks/web/path", "a key of \"http\" checks"},
      });
}

TEST_CASE("a check that runs a program knows for whom, and its program's whole path") {
  const Folder folder;
  folder.write("plugin", "#!/bin/sh\n", 0755);
  const auto read =
      folder.read(config(kZone, R"("web": {"type": "exec", "argv": ["./plugin", "{address}"]})",
                         R"({"name": "www.example.com", "id": "site", "checks": ["web"],
                 "replicas": [{"name": "one", "address": "192.0.2.1"}]})",
                         ",\n\"allow_exec\": true"));
  REQUIRE(read);
  const MemberCheck& check = read->services[0].members[0].checks[0];
  CHECK(std::get<probes::ExecCheck>(check.spec.protocol) ==
        probes::ExecCheck{.argv = {(folder.path() / "plugin").string(), "{address}"},
                          .service = "site",
                          .replica = "one",
                          .name = "web"});
  CHECK(check.endpoint.port == 0);
}

TEST_CASE("rules of checks") {
  const Folder folder;
  const std::string use = R"({"name": "www.example.com", "checks": ["web"], "replicas": [)";
  const auto one = [&](const std::string& object) {
    return config(kZone, "\"web\": " + object, kService);
  };
  expect_rows(
      folder,
      {
          {one("@[]"), "/checks/web", "must be an object"},
          {one("@{}"), "/checks/web", "no \"type\""},
          {one(R"({"type": @1})"), "/checks/web/type", "must be a string"},
          {one(R"({"type": @"htpp"})"), "/checks/web/type", "did you mean \"http\"?"},
          {one(R"({"type": "smtp", @"path": "/"})"), "/checks/web/path",
           "a key of \"http\" checks"},
          {one(R"({"type": "smtp", "login_file": @"nowhere"})"), "/checks/web/login_file",
           "cannot be read"},
          {one(R"({"type": "http", "drain_status": @["404", "200-210"]})"),
           "/checks/web/drain_status", "200 is in \"status\", too"},
          {one(R"({"type": "http", "drain_status": @"40x"})"), "/checks/web/drain_status", "40x"},
          {one(R"({"type": "ftp", "tls": @"sometimes"})"), "/checks/web/tls", "starttls"},
          {one(R"({"type": "http", "tls": @"starttls"})"), "/checks/web/tls", "starttls"},
          {one(R"({"type": "tcp", "port": 1, "steps": [@{}]})"), "/checks/web/steps/0", "one key"},
          {one(R"({"type": "tcp", "port": 1, "steps": @[{"expekt": "x"}]})"), "/checks/web/steps",
           "expekt"},
          {check(R"(@"intervall": "5s")"), "/checks/web/intervall", "did you mean \"interval\"?"},
          {check(R"("port": @0)"), "/checks/web/port", "from 1 to 65535"},
          {check(R"("port": @"80")"), "/checks/web/port", "without quotes"},
          {check(R"("timeout": @"11s")"), "/checks/web/timeout", "longer than \"interval\" 10s"},
          {check(R"("interval": "1s", "fast_interval": @"2s")"), "/checks/web/fast_interval",
           "longer than \"interval\" 1s"},
          {config(kZone, R"("web": {"type": "http", "interval": @"1s"})", kService,
                  R"(, "defaults": {"timeout": "3s"})"),
           "/checks/web/interval", "\"timeout\" 3s is longer"},
          {check(R"("fall": @0)"), "/checks/web/fall", "from 1 to 100"},
          {check(R"("rise": @1000)"), "/checks/web/rise", "from 1 to 100"},
          {check(R"("ok": @"1")"), "/checks/web/ok", "whole number"},
          {check(R"("scope": @"locale")"), "/checks/web/scope", "did you mean \"local\"?"},
          {check(R"("critical": @1)"), "/checks/web/critical", "true or false"},
          {check(R"("cert_warn": @14)"), "/checks/web/cert_warn", "write \"14s\""},
          {check(R"("read_limit": @"64 KB")"), "/checks/web/read_limit", "\"64KiB\""},
          {check(R"("read_limit": @-1)"), "/checks/web/read_limit", "whole number from 0"},
          {config(kZone, R"("web": {"type": "redis", "read_limit": @"1MiB"})", kService),
           "/checks/web/read_limit", "at most \"256KiB\""},
          {check(R"("source": @"here")"), "/checks/web/source", "no IP address"},
          {check(R"("ca_file": @"gone.pem")"), "/checks/web/ca_file", "No such file"},
          {check(R"("ca_file": @"")"), "/checks/web/ca_file", "is empty; write a path"},
          {check(R"("basic_auth_file": @"")"), "/checks/web/basic_auth_file", "is empty"},
          {check(R"(@"login_file": "probe")"), "/checks/web/login_file", "\"basic_auth_file\""},
          {config(kZone, R"("web": {"type": "icmp", "port": @80})", kService), "/checks/web/port",
           "there is only an echo"},
          {config(kZone, R"("web": {"type": "passive", "verify": @true})", kService),
           "/checks/web/verify", "it is told"},
          {check(R"("status": [200, @true])"), "/checks/web/status/1", "code or a range"},
          {check(R"("status": @[])"), "/checks/web/status", "empty list"},
          {check(R"("status": @"abc")"), "/checks/web/status", "abc"},
          {check(R"("headers": {"A": @1})"), "/checks/web/headers/A", "must be a string"},
          {check(R"("body": @"(")"), "/checks/web/body", "RE2"},
          {check(R"("path": @"health")"), "/checks/web/path", "must begin with"},
          {config(kZone, R"(@"": {"type": "http"}, )" + kWeb, kService), "/checks/",
           "needs a name"},
          {config(kZone, R"("web": {"type": "tcp"})", use + R"(@"192.0.2.1"]})"),
           "/services/0/replicas/0", "has no port"},
          {config(kZone, R"("web": {"type": "http", "source": "192.0.2.9"})",
                  use + R"(@"2001:db8::1"]})"),
           "/services/0/replicas/0", "cannot reach 2001:db8::1"},
          {config(kZone, R"("web": @{"type": "http"})",
                  R"({"name": "*.example.com", "checks": ["web"], "replicas": ["192.0.2.1"]})"),
           "/checks/web", "\"server_name\""},
      });
}

TEST_CASE("certificates with which no check could ever be made") {
  const Folder folder;
  folder.write("ca.pem", kCertificate, 0644);
  folder.write("copy.pem", kCertificate, 0644);
  folder.write("key.pem", kCertificateKey, 0600);
  folder.write("other.pem", kAnotherKey, 0600);
  folder.write("empty.pem", "", 0644);
  folder.write("both.pem", std::string(kCertificate) + std::string(kCertificateKey), 0600);
  const auto tls = [](const std::string& keys) {
    return config(kZone, R"("web": {"type": "https", )" + keys + "}", kService);
  };
  const std::string agent = R"("type": "agent", "port": 9, "tls": "implicit", )";
  CHECK(folder.read(tls(R"("ca_file": "ca.pem", "cert_file": "ca.pem", "key_file": "key.pem")")));
  CHECK(folder.read(tls(R"("cert_file": "both.pem", "key_file": "both.pem")")));
  expect_rows(folder, {
                          {tls(R"("ca_file": @"empty.pem")"), "/checks/web/ca_file",
                           "no usable CA certificate"},
                          {tls(R"("ca_file": @"key.pem", "verify": false)"), "/checks/web/ca_file",
                           "no usable CA certificate"},
                          {tls(R"("cert_file": @"key.pem", "key_file": "key.pem")"),
                           "/checks/web/cert_file", "no usable certificate"},
                          {tls(R"("cert_file": "ca.pem", "key_file": @"other.pem")"),
                           "/checks/web/key_file", "does not belong to the certificate in"},
                          {tls(R"("cert_file": "ca.pem", "key_file": @"copy.pem")"),
                           "/checks/web/key_file", "no usable unencrypted private key"},
                          {service_plus(R"("load": [{)" + agent + R"("ca_file": @"empty.pem"}])"),
                           "/services/0/load/0/ca_file", "no usable CA certificate"},
                          {zone_plus(R"("transport": "tls", "tls": {"ca_file": @"empty.pem"})"),
                           "/zones/0/tls/ca_file", "no usable CA certificate"},
                      });
}

TEST_CASE("rules of services") {
  const Folder folder;
  expect_rows(
      folder,
      {
          {config(kZone, kWeb, kService + ", @3"), "/services/1", "must be an object"},
          {config(kZone, kWeb, R"(@{"checks": ["web"], "replicas": ["192.0.2.1"]})"), "/services/0",
           "\"name\" is missing"},
          {config(kZone, kWeb, R"(@{"name": "www.example.com", "checks": ["web"]})"), "/services/0",
           "\"replicas\" is missing"},
          {config(kZone, kWeb, R"({"name": @"", "checks": ["web"], "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "empty"},
          {config(kZone, kWeb,
                  R"({"name": @"a..b", "checks": ["web"], "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "\"name\": "},
          {config(kZone, kWeb, R"({"name": @"www.example.org", "checks": ["web"],
                                   "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "\"www.example.org\" lies outside the zone \"example.com\""},
          {config(kZone, kWeb, R"({"name": @"www.badexample.com", "checks": ["web"],
                                   "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "lies outside the zone"},
          {config(kZone, kWeb,
                  R"({"name": @"www.example.org", "zone": "example.com", "checks": ["web"],
                                   "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "lies outside the zone \"example.com\"; correct"},
          {config("", kWeb, R"({"name": @"www.example.org", "checks": ["web"],
                                "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "add its zone"},
          {service_plus(R"("zone": @"exmaple.com")"), "/services/0/zone",
           "did you mean \"example.com\"?"},
          {config(
               R"({"id": "in", "zone": "example.com", "primary": "127.0.0.1", "key_file": "tsig.key"},
                     {"id": "out", "zone": "example.com", "primary": "127.0.0.2", "key_file": "tsig.key"})",
               kWeb,
               R"({"name": @"www.example.com", "checks": ["web"], "replicas": ["192.0.2.1"]})"),
           "/services/0/name", "zones \"in\" and \"out\" alike"},
          {services(
               R"({"name": @"WWW.example.com.", "checks": ["web"], "replicas": ["192.0.2.2"]})"),
           "/services/1/name", "two services manage \"WWW.example.com\""},
          {services(R"({"name": "b.example.com", "id": @"www.example.com", "checks": ["web"],
                        "replicas": ["192.0.2.2"]})"),
           "/services/1/id", "two services have the id"},
          {service_plus(R"("id": @"")"), "/services/0/id", "empty"},
          {service_plus(R"("type": @"MX")"), "/services/0/type", "not built yet"},
          {service_plus(R"("type": @"SRV")"), "/services/0/type", "not built yet"},
          {service_plus(R"("type": @"CNAME")"), "/services/0/type", "not built yet"},
          {service_plus(R"("type": @"TXT")"), "/services/0/type", "known here"},
          {service(R"("checks": ["web"], "type": "A", "replicas": [@"2001:db8::1"])"),
           "/services/0/replicas/0", "makes no A record"},
          {service_plus(R"("mode": @"dry")"), "/services/0/mode", "enforce, observe"},
          {service_plus(R"(@"requires": [])"), "/services/0/requires", "not built yet"},
          {service_plus(R"(@"maintenance": [])"), "/services/0/maintenance", "not built yet"},
          {service_plus(R"(@"when_down": "demote")"), "/services/0/when_down", "not built yet"},
          {service_plus(R"("publish": @{"at_most": 2})"), "/services/0/publish", "not built yet"},
          {service_plus(R"("publish": @"some")"), "/services/0/publish", "all"},
          {service_plus(R"("failback": @"manual")"), "/services/0/failback", "not built yet"},
          {service_plus(R"("failback": @{"after": "5m"})"), "/services/0/failback",
           "not built yet"},
          {service_plus(R"("families": @"appart")"), "/services/0/families",
           "did you mean \"apart\"?"},
          {service_plus(R"("foreign": @"drop")"), "/services/0/foreign", "keep, remove"},
          {service_plus(R"("ttl": @-1)"), "/services/0/ttl", "from 0 to 2147483647"},
          {service_plus(R"("ttl": @1e-3)"), "/services/0/ttl", "whole number"},
          {service_plus(R"("ttl": @1e30)"), "/services/0/ttl", "whole number"},
          {service_plus(R"("ttl": @null)"), "/services/0/ttl", "not null"},
          {service_plus(R"("min_healthy": @2)"), "/services/0/min_healthy", "has 1 addresses"},
          {service(R"("checks": ["web"], "min_healthy": @3, "replicas": [{"address": "192.0.2.1"},
                       {"address": "192.0.2.2"}, {"address": "192.0.2.3", "tier": 2}])"),
           "/services/0/min_healthy", "the largest tier has 2 addresses; nothing"},
          {service(R"("checks": ["web"], "min_healthy": @2, "families": "apart", "replicas": [
                       "192.0.2.1", "192.0.2.2", "2001:db8::1"])"),
           "/services/0/min_healthy", "the largest tier has 1 addresses of IPv6"},
          {service_plus(R"("min_healthy": @-1)"), "/services/0/min_healthy", "whole number"},
          {service_plus(R"("min_healthy": @"101%")"), "/services/0/min_healthy", "\"50%\""},
          {service_plus(R"("min_healthy": @"half")"), "/services/0/min_healthy", "\"50%\""},
          {service_plus(R"("when_all_down": @"fallback")"), "/services/0/when_all_down",
           "no \"fallback\" address"},
          {service_plus(R"("when_all_down": "fallback", "fallback": [@"192.0.2.1"])"),
           "/services/0/fallback/0", "is also a replica"},
          {service_plus(R"("when_all_down": "fallback", "fallback": ["192.0.2.9", @"192.0.2.9"])"),
           "/services/0/fallback/1", "stands twice"},
          {service(R"("replicas": ["192.0.2.1"], "checks": @[])"), "/services/0/checks",
           "every replica would always count as healthy"},
          {config(kZone, "", R"(@{"name": "www.example.com", "replicas": ["192.0.2.1"]})"),
           "/services/0", "every replica would always count as healthy"},
          {service(R"("replicas": ["192.0.2.1"], "checks": [@"wbe"])"), "/services/0/checks/0",
           "did you mean \"web\"?"},
          {service(R"("replicas": ["192.0.2.1"], "checks": ["web", @"web"])"),
           "/services/0/checks/1", "stands twice"},
          {service(R"("replicas": ["192.0.2.1"], "checks": ["web", @3])"), "/services/0/checks/1",
           "name of a shared one or an object"},
          // Once, whatever the number of replicas.
          {service(R"("checks": ["web"], "require": 2, "replicas": [@"192.0.2.1", "192.0.2.2"])"),
           "/services/0/replicas/0", "wants 2 passing checks"},
          {service(R"("checks": ["web", {"type": "http", "scope": "dependency"}], "require": 2,
                      "replicas": [@"192.0.2.1"])"),
           "/services/0/replicas/0", "has 1 that count: a \"dependency\" only warns"},
          {service(R"("checks": [{"type": "tcp"}], "replicas": [@"192.0.2.1", "192.0.2.2"])"),
           "/services/0/replicas/0", "has no port of its own; give the check a \"port\""},
          {service_plus(R"("require": @"some")"), "/services/0/require", "all, any"},
          {service_plus(R"("require": @0)"), "/services/0/require", "from 1"},
      });
}

TEST_CASE("rules of replicas") {
  const Folder folder;
  expect_rows(
      folder,
      {
          {service(R"("checks": ["web"], "replicas": @[])"), "/services/0/replicas", "empty"},
          {replicas("@1"), "/services/0/replicas/0", "an address or an object"},
          {replicas(R"(@"www2.example.com")"), "/services/0/replicas/0", "no IP address"},
          {replicas(R"(@"192.0.2.256")"), "/services/0/replicas/0", "no IP address"},
          {replicas(R"(@"0.0.0.0")"), "/services/0/replicas/0", "unspecified"},
          {replicas(R"(@"::")"), "/services/0/replicas/0", "unspecified"},
          {replicas(R"(@"224.0.0.1")"), "/services/0/replicas/0", "multicast"},
          {replicas(R"(@"255.255.255.255")"), "/services/0/replicas/0", "nobody's"},
          {replicas(R"(@"ff02::1")"), "/services/0/replicas/0", "multicast"},
          {replicas(R"(@"fe80::1")"), "/services/0/replicas/0", "link-local"},
          {replicas(R"(@"::ffff:192.0.2.1")"), "/services/0/replicas/0", "own form"},
          {replicas(R"("192.0.2.1", @"192.0.2.1")"), "/services/0/replicas/1",
           "first at line 6, column 33"},
          {replicas(
               R"("2001:db8::1", {"name": "b", "addresses": ["192.0.2.1", @"2001:DB8:0::1"]})"),
           "/services/0/replicas/1/addresses/1", "stands twice"},
          {replicas(
               R"({"name": "a", "address": "192.0.2.1"}, @{"name": "a", "address": "192.0.2.2"})"),
           "/services/0/replicas/1", "two replicas of this service are called \"a\""},
          {replicas(R"(@{"name": "a"})"), "/services/0/replicas/0", "needs an \"address\""},
          {replicas(R"({"address": "192.0.2.1", "addresses": @["192.0.2.2"]})"),
           "/services/0/replicas/0/addresses", "together"},
          {replicas(R"({"addresses": @[]})"), "/services/0/replicas/0/addresses", "empty"},
          {replicas(R"({"addresses": @"192.0.2.1"})"), "/services/0/replicas/0/addresses",
           "write [\"192.0.2.1\"]"},
          {replicas(R"({"name": @"a/b", "address": "192.0.2.1"})"), "/services/0/replicas/0/name",
           "must not be empty nor hold"},
          {replicas(R"({"address": "192.0.2.1", "port": @65536})"), "/services/0/replicas/0/port",
           "65535"},
          {replicas(R"({"address": "192.0.2.1", "tier": @0})"), "/services/0/replicas/0/tier",
           "from 1"},
          {replicas(R"({"address": "192.0.2.1", @"teir": 1})"), "/services/0/replicas/0/teir",
           "did you mean \"tier\"?"},
          {replicas(R"(@{"address": "192.0.2.1", "checks": []})"), "/services/0/replicas/0",
           "has no checks"},
          {replicas(R"({"address": "192.0.2.1", "checks": [@"wb"]})"),
           "/services/0/replicas/0/checks/0", "did you mean \"web\"?"},
          {replicas(R"({"address": "192.0.2.1", @"preference": 10})"),
           "/services/0/replicas/0/preference", "not built yet"},
          {replicas(R"({"address": "192.0.2.1", @"exchange": "mx"})"),
           "/services/0/replicas/0/exchange", "not built yet"},
          {replicas(R"({"address": "192.0.2.1", @"requires": []})"),
           "/services/0/replicas/0/requires", "not built yet"},
      });
}

std::string load(const std::string& keys) {
  return service_plus(R"("load": [{)" + keys + "}]");
}
std::string freshness(const std::string& keys) {
  return service_plus(R"("freshness": {)" + keys + "}");
}

TEST_CASE("rules of load and freshness") {
  const Folder folder;
  expect_rows(
      folder,
      {
          {service_plus(R"("load": [@5])"), "/services/0/load/0", "a load is an object"},
          {service_plus(R"("load": [@{}])"), "/services/0/load/0", "no \"type\""},
          {load(R"("type": @"agnet")"), "/services/0/load/0/type", "did you mean \"agent\"?"},
          {service_plus(R"("load": [@{"type": "agent"}])"), "/services/0/load/0", "a \"port\""},
          {load(R"("type": "agent", "port": 9, "agent_ttl": @"10s")"),
           "/services/0/load/0/agent_ttl", "not longer than \"interval\""},
          {load(R"("type": "agent", "port": 9, @"fall": 3)"), "/services/0/load/0/fall",
           "unknown key"},
          {load(R"("type": "agent", "port": 9, "send": @"\\q")"), "/services/0/load/0/send", "q"},
          {load(R"("type": "node_exporter", @"high": 2)"), "/services/0/load/0/high",
           "\"load_per_core\": {"},
          {load(R"("type": "node_exporter", @"load_per_cor": {})"),
           "/services/0/load/0/load_per_cor", "did you mean \"load_per_core\"?"},
          {load(R"("type": "node_exporter", "load_per_core": @2.5)"),
           "/services/0/load/0/load_per_core", R"(write {"high": 2.0, "low": 1.5})"},
          {load(R"("type": "node_exporter", "memory_used": @"0.9")"),
           "/services/0/load/0/memory_used", R"(write {"high": 0.95, "low": 0.9})"},
          {load(R"("type": "node_exporter", "load_per_core": {"high": @"2"})"),
           "/services/0/load/0/load_per_core/high", "a number"},
          {load(R"("type": "node_exporter", "load_per_core": @{"high": 2, "low": 2.5})"),
           "/services/0/load/0/load_per_core", "\"low\" is above \"high\""},
          {load(R"("type": "node_exporter", "load_per_core": @{"high": 2, "low": -1})"),
           "/services/0/load/0/load_per_core", "\"low\" must not be negative"},
          {load(R"("type": "node_exporter", "memory_used": @{"high": 95})"),
           "/services/0/load/0/memory_used", "a share between 0 and 1"},
          {load(R"("type": "number", "url": "/load", "high": @-1, "low": -2)"),
           "/services/0/load/0/high", "\"high\" must be above 0"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": @"http://probe:hidden@a/")"),
           "/services/0/load/0/url", "\"url\": names a user; write user and password into a file"},
          {service_plus(
               R"("freshness": {"from": "http_header", "max_lag": "1m", "header": @"a b"})"),
           "/services/0/freshness/header", "not a header name"},
          {service_plus(R"("freshness": {"from": "http_header", "max_lag": @"0s"})"),
           "/services/0/freshness/max_lag", "from 10ms"},
          {load(R"("type": "node_exporter", "network": @true)"), "/services/0/load/0/network",
           "in bytes a second"},
          {service_plus(R"("load": [@{"type": "node_exporter", "load_per_core": false,
                          "memory_used": false, "disk_used": false}])"),
           "/services/0/load/0", "watches nothing"},
          {service_plus(R"("load": [@{"type": "number", "url": "/load", "high": 2}])"),
           "/services/0/load/0", "\"low\" is missing"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": @"load")"),
           "/services/0/load/0/url", "neither a path"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": @"http://a b/")"),
           "/services/0/load/0/url", "names no host"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": @"http://a:99999/")"),
           "/services/0/load/0/url", "a port that is none"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": "/a", "pointer": @"")"),
           "/services/0/load/0/pointer", "\"pointer\": is empty and leads to the whole body"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": "http://a/", "tls": @"implicit")"),
           "/services/0/load/0/tls", "begin the URL with https:// to ask over TLS"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": "https://a/", "tls": @"off")"),
           "/services/0/load/0/tls", "begin the URL with http:// to ask in clear"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": "http://a/", "port": @8080)"),
           "/services/0/load/0/port", "\"port\" stands in the \"url\" already"},
          {load(
               R"("type": "number", "high": 2, "low": 1, "url": "http://a/", "server_name": @"b")"),
           "/services/0/load/0/server_name", "\"server_name\" stands in the \"url\" already"},
          {service(R"("checks": ["web"], "replicas": [@"2001:db8::1"],
                      "load": [{"type": "agent", "port": 9, "source": "192.0.2.9"}])"),
           "/services/0/replicas/0",
           "; leave its \"source\" out, as a load asks every address of its service"},
          {config(kZone, kWeb,
                  R"({"name": "*.example.com", "checks": [{"type": "tcp", "port": 1}],
                      "replicas": ["192.0.2.1", "192.0.2.2"],
                      "load": [@{"type": "node_exporter"}]})"),
           "/services/0/load/0", "load \"node_exporter\" would ask for the wildcard"},
          {config(kZone, kWeb,
                  R"({"name": "*.example.com", "checks": [{"type": "tcp", "port": 1}],
                      "replicas": ["192.0.2.1"],
                      "freshness": @{"from": "http_header", "max_lag": "1m"}})"),
           "/services/0/freshness", "give it one with a \"server_name\""},
          {freshness(R"("from": "dns_serial", "path": @"/stamp", "max_lag": 5)"),
           "/services/0/freshness/path", "is no zone; write its name"},
          {freshness(R"("from": "dns_serial", "max_lag": @2147483648)"),
           "/services/0/freshness/max_lag", "at most 2147483647"},
          {freshness(R"("from": "dns_serial", "max_lag": @5.5)"), "/services/0/freshness/max_lag",
           "must be a whole number"},
          {load(R"("type": "number", "high": 2, "low": 1, "url": "/a", "pointer": @"load")"),
           "/services/0/load/0/pointer", "no JSON pointer"},
          {freshness(R"("from": @"http_heder", "max_lag": "10m")"), "/services/0/freshness/from",
           "did you mean \"http_header\"?"},
          {freshness(R"("from": "dns_serial", "max_lag": @"5m")"), "/services/0/freshness/max_lag",
           "a whole number here"},
          {freshness(R"("from": "dns_serial", "path": @"a..b", "max_lag": 5)"),
           "/services/0/freshness/path", "\"path\": "},
          {freshness(R"("from": "dns_serial", "format": @"integer", "max_lag": 5)"),
           "/services/0/freshness/format", "means nothing with"},
          {service_plus(R"("freshness": @{"from": "http_header"})"), "/services/0/freshness",
           "\"max_lag\" is missing"},
          {freshness(R"("from": "http_header", "max_lag": @600)"), "/services/0/freshness/max_lag",
           "a duration such as"},
          {freshness(R"("from": "http_body", "format": "integer", "max_lag": @"10m")"),
           "/services/0/freshness/max_lag", "a whole number here"},
          {freshness(R"("from": "http_header", "path": @"stamp", "max_lag": "10m")"),
           "/services/0/freshness/path", "must begin with"},
          {freshness(R"("from": "http_body", "header": @"Age", "max_lag": "10m")"),
           "/services/0/freshness/header", "means nothing with"},
          {freshness(R"("from": "ftp_mdtm", "path": "stamp", "format": @"unix", "max_lag": "1m")"),
           "/services/0/freshness/format", "means nothing with"},
          {freshness(R"("from": "ftp_mdtm", "path": @"a\r\nDELE b", "max_lag": "1m")"),
           "/services/0/freshness/path", "name the file"},
          {freshness(R"("from": "http_header", "format": @"rfc3399", "max_lag": "10m")"),
           "/services/0/freshness/format", "did you mean \"rfc3339\"?"},
      });
}

}  // namespace
}  // namespace ronda::agent
