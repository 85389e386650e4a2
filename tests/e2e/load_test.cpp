// Loads and the age of data, as real servers tell them: a node_exporter, pages of nginx, files of
// vsftpd.
#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/eventually.hpp"
#include "tests/support/bed/node_exporter.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::uint16_t kExporterPort = 29100;
constexpr std::uint16_t kFtpPort = 28121;
constexpr std::uint16_t kPassivePort = 28220;

Finished check(const Site& site) {
  return run_ronda({"check", "-c", site.config().string(), "--json"});
}

json service_of(const Finished& finished) {
  return json::parse(finished.output).at("services").at(0);
}

// `interval` is also the time that the exporter has for its answer.
std::string exporter(const std::string& memory, const std::string& interval = "10s") {
  return R"(, "load": [{ "type": "node_exporter", "interval": ")" + interval +
         R"(", "timeout": ")" + interval + R"(", "port": )" + std::to_string(kExporterPort) +
         R"(, "load_per_core": { "high": 1000 }, "disk_used": false, "memory_used": )" + memory +
         " }]";
}

std::string number(const std::string& more) {
  return R"(, "load": [{ "type": "number", "high": 2, "low": 1, )" + more + " }]";
}

}  // namespace

TEST_CASE("a node_exporter's report below its marks changes nothing, above them takes one out") {
  Site site(3);
  NodeExporter first(loopback(1), kExporterPort);
  NodeExporter second(loopback(2), kExporterPort);
  NodeExporter third(loopback(3), kExporterPort);
  site.write_config({.service = exporter(R"({ "high": 1.0 })")});
  const Finished calm = check(site);
  INFO(calm.output << calm.errors);
  CHECK(calm.code == 0);
  CHECK(site.named().update_count() == 0);
  const json values = service_of(calm).at("replicas").at(0).at("reports").at(0).at("values");
  CHECK(values.at("load_per_core").get<double>() >= 0);
  CHECK(values.at("memory_used").get<double>() > 0);
  CHECK(values.at("memory_used").get<double>() < 1);
  const Finished probe =
      run_ronda({"probe", "node_exporter", "www.example.com/web1", "-c", site.config().string()});
  CHECK(probe.code == 0);
  CHECK(probe.output.find("memory_used 0.") != std::string::npos);

  // All of them are hot. One goes; a second would be the majority.
  site.write_config({.service = exporter(R"({ "high": 0.000001, "low": 0 })")});
  const Finished hot = check(site);
  INFO(hot.output << hot.errors);
  CHECK(hot.code == 1);
  CHECK(service_of(hot).at("state") == "degraded");
  CHECK(service_of(hot).at("reason").get<std::string>().find("withheld: memory_used 0.") !=
        std::string::npos);
  CHECK(site.answer().size() == 3);  // with the foreign one
  CHECK(check(site).code == 1);
  CHECK(site.answer().size() == 3);
  CHECK(site.named().update_count() == 1);
}

TEST_CASE("a node_exporter that is down, or no node_exporter, says nothing about its replica") {
  Site site(2);
  NodeExporter first(loopback(1), kExporterPort);
  site.write_config({.service = exporter(R"({ "high": 1.0 })")});
  const auto probe = [&](const char* replica) {
    return run_ronda({"probe", "node_exporter", std::string("www.example.com/") + replica, "-c",
                      site.config().string()});
  };
  const Finished down = probe("web2");
  INFO(down.output << down.errors);
  CHECK(down.code == 2);
  CHECK(down.output.find("FAIL L4CON") == 0);
  {
    // A page of another kind at the exporter's port.
    Nginx other({.address = loopback(2), .port = kExporterPort});
    const Finished wrong = probe("web2");
    INFO(wrong.output << wrong.errors);
    CHECK(wrong.code == 2);
    CHECK(check(site).code <= 1);
    CHECK(site.answer().size() == 3);
  }
  site.write_config({.service = exporter(R"({ "high": 1.0 })", "1s")});
  first.pause();
  CHECK(probe("web1").output.find("FAIL L7TOUT") == 0);
  CHECK(check(site).code <= 1);
  CHECK(site.answer().size() == 3);  // with the foreign one
  CHECK(site.named().update_count() == 0);
}

TEST_CASE("the daemon wants three reports of a load in a row, and keeps its word over a restart") {
  Site site(2);
  NodeExporter first(loopback(1), kExporterPort);
  NodeExporter second(loopback(2), kExporterPort);
  site.write_config({.before = Daemon::control(site),
                     .service = exporter(R"({ "high": 0.000001, "low": 0 })", "1s")});
  Daemon daemon(site);
  daemon.start();
  REQUIRE(eventually(kSoon, [&] { return site.answer().size() == 2; }));
  INFO(daemon.log());
  REQUIRE(daemon.reaches("degraded"));
  CHECK(daemon.logs("kind=hot"));
  const Addresses left = site.answer();
  const std::size_t updates = site.named().update_count();
  CHECK(updates == 1);
  daemon.process().stop();
  daemon.start();
  REQUIRE(daemon.reaches("degraded"));
  CHECK(site.answer() == left);
  CHECK(site.named().update_count() == updates);
}

TEST_CASE("a number in JSON above high takes its replica out, below low it comes back") {
  Site site(2);
  site.replica(1).publish("load.json", R"({"system": {"load": 0.4}})");
  site.replica(2).publish("load.json", R"({"system": {"load": 7}})");
  site.write_config(
      {.service = number(R"("url": "http://www.example.com:)" + std::to_string(kHttpPort) +
                         R"(/load.json", "pointer": "/system/load")")});
  const Finished hot = check(site);
  INFO(hot.output << hot.errors);
  CHECK(hot.code == 1);
  CHECK(site.answer() == site.without({2}));
  CHECK(service_of(hot).at("replicas").at(1).at("withheld").at("reason") == "number 7 over 2");
  // Between the marks nothing changes: the zone is the memory.
  site.replica(2).publish("load.json", R"({"system": {"load": 1.5}})");
  CHECK(check(site).code == 1);
  CHECK(site.answer() == site.without({2}));
  site.replica(2).publish("load.json", R"({"system": {"load": "0.9"}})");
  CHECK(check(site).code == 0);
  CHECK(site.answer() == site.all());
  // What says nothing counts for nothing.
  site.replica(2).publish("load.json", "<html>");
  const Finished none = check(site);
  CHECK(none.code == 0);
  CHECK(site.answer() == site.all());
  CHECK(service_of(none).at("replicas").at(1).at("reports").at(0).at("last").at("verdict") ==
        "fail");
}

TEST_CASE("a replica whose data is behind is withheld, unless most are behind") {
  Site site(3);
  for (int replica = 1; replica <= 3; ++replica) {
    site.replica(replica).publish("stamp", "data", replica == 3 ? 700s : 100s);
  }
  site.write_config({.service = R"(, "freshness": { "from": "http_header", "path": "/stamp",)"
                                R"( "header": "Last-Modified", "max_lag": "5m" })"});
  const Finished stale = check(site);
  INFO(stale.output << stale.errors);
  CHECK(stale.code == 1);
  CHECK(site.answer() == site.without({3}));
  const json withheld = service_of(stale).at("replicas").at(2).at("withheld");
  CHECK(withheld.at("kind") == "stale");
  CHECK(withheld.at("reason").get<std::string>().ends_with("behind the newest, max_lag 5m"));

  site.replica(2).publish("stamp", "data", 700s);
  CHECK(check(site).code == 0);
  CHECK(site.answer() == site.all());

  site.replica(1).publish("stamp", "data", 701s);
  site.replica(3).publish("stamp", "data", 3000s);
  CHECK(check(site).code == 1);
  CHECK(site.answer() == site.without({3}));
}

TEST_CASE("the time of a file at an FTP server is how fresh its data is") {
  const TempFolder folder;
  const Certificates certificates = make_certificates(folder / "tls", "DNS:files.example.com");
  Vsftpd first(loopback(21), kFtpPort, kPassivePort, certificates);
  Vsftpd second(loopback(22), kFtpPort, kPassivePort, certificates);
  first.publish("stamp", "data", 0s);
  second.publish("stamp", "data", 3600s);
  NamedOptions options;
  options.zone_text = zone_text("files A " + loopback(21) + "\nfiles A " + loopback(22) + "\n");
  Site site(0, options);
  site.folder().write(
      "ronda.json", R"({ "zones": [{ "zone": "example.com", "primary": ")" + site.named().server() +
                        R"(", "key_file": )" + json_text(site.named().key_path()) +
                        R"( }], "services": [{ "name": "files.example.com", "checks": [{)" +
                        R"( "type": "ftp", "tls": "starttls", "port": )" +
                        std::to_string(kFtpPort) + R"(, "ca_file": )" + json_text(certificates.ca) +
                        R"( }], "freshness": { "from": "ftp_mdtm", "path": "stamp",)" +
                        R"( "max_lag": "10m" }, "replicas": [")" + loopback(21) + "\", \"" +
                        loopback(22) + R"("] }] })");
  const Finished stale = check(site);
  INFO(stale.output << stale.errors << second.protocol_log());
  CHECK(stale.code == 1);
  CHECK(site.named().lookup("files.example.com") == Addresses{loopback(21)});
  second.publish("stamp", "data", 60s);
  CHECK(check(site).code == 0);
  CHECK(site.named().lookup("files.example.com").size() == 2);
  CHECK(second.protocol_log().find("AUTH TLS") < second.protocol_log().find("MDTM"));
}

TEST_CASE("a name server tells the serial of its zone") {
  NamedOptions options;
  options.zone_text = zone_text("dns A 127.0.0.1\n");
  Site site(0, options);
  site.folder().write(
      "ronda.json", R"({ "zones": [{ "zone": "example.com", "primary": ")" + site.named().server() +
                        R"(", "key_file": )" + json_text(site.named().key_path()) +
                        R"( }], "services": [{ "name": "dns.example.com", "checks": [{)" +
                        R"( "type": "dns", "port": )" + std::to_string(site.named().port()) +
                        R"( }], "freshness": { "from": "dns_serial", "max_lag": 5 },)" +
                        R"( "replicas": ["127.0.0.1"] }] })");
  const Finished finished = check(site);
  INFO(finished.output << finished.errors);
  CHECK(finished.code == 0);
  CHECK(service_of(finished).at("replicas").at(0).at("reports").at(0).at("values").at("stamp") ==
        1.0);
}
