// docs/checks.md is run as it stands: every block of its checks by `ronda probe`, against the real
// server it is about; and no kind of check is without one.
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/e2e/markdown.hpp"
#include "tests/e2e/site.hpp"
#include "tests/support/bed/apache.hpp"
#include "tests/support/bed/backends.hpp"
#include "tests/support/bed/certificates.hpp"
#include "tests/support/bed/dovecot.hpp"
#include "tests/support/bed/mariadb.hpp"
#include "tests/support/bed/postfix.hpp"
#include "tests/support/bed/postgresql.hpp"
#include "tests/support/bed/unpacked.hpp"
#include "tests/support/bed/vsftpd.hpp"
#include "tests/support/catch.hpp"

using namespace ronda::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr std::uint16_t kPort = 28'660;
constexpr const char* kService = "www.example.test";

// Every check of the page by name.
std::map<std::string, json> checks_of_page() {
  std::map<std::string, json> checks;
  for (const CodeBlock& block : code_blocks(fs::path(RONDA_SOURCE_FOLDER) / "docs/checks.md")) {
    if (block.language != "json") {
      continue;
    }
    const json written = json::parse(block.text);
    for (const auto& [name, check] : written.items()) {
      CAPTURE(name);
      CHECK(checks.emplace(name, check).second);
    }
  }
  return checks;
}

// The servers of the page, and at which port each check finds its own.
class Street {
 public:
  Street() {
    std::filesystem::copy_file(certificates_.ca, folder_ / "ca.crt");
    folder_.write("probe.login", "probe\nsecret-word\n", fs::perms(0600));
    folder_.write("default.login", "default\nsecret-word\n", fs::perms(0600));
  }
  // named listens on addresses of the interface only, of all of 127.0.0.0/8 on 127.0.0.1.
  std::string address_of(const std::string& check) const {
    return check == "name-server" ? name_server_.address() : host_;
  }
  bool has_port(const std::string& check) const { return check != "host" && check != "told"; }
  std::uint16_t port_of(const std::string& check) const {
    if (check == "name-server") {
      return name_server_.port();
    }
    static const std::map<std::string, int> kDoors{
        {"web", 0},
        {"web-http2", 61},
        {"front-page", 60},
        {"web-tls", 1},
        {"certificate", 1},
        {"mx", 2},
        {"backup-mx", 2},
        {"ftp", 3},
        {"ftp-transfers", 3},
        {"ftps", 4},
        {"shell", 5},
        {"submission", 8},
        {"mailbox", 10},
        {"mailbox-tls", 11},
        {"pickup", 12},
        {"pickup-tls", 13},
        {"mail-store", 14},
        {"cache", 20},
        {"cache-primary", 22},
        {"port-open", 22},
        {"plugin", 22},
        {"object-cache", 24},
        {"directory", 27},
        {"directory-starttls", 26},
        {"broker", 28},
        {"phone", 30},
        {"database", 32},
        {"database-primary", 32},
        {"database-tls", 32},
        {"shop-database", 34},
        {"shop-primary", 34},
    };
    const auto door = kDoors.find(check);
    return door == kDoors.end() ? 0 : static_cast<std::uint16_t>(kPort + door->second);
  }

  const TempFolder& folder() const { return folder_; }

 private:
  static std::uint16_t at(int door) { return static_cast<std::uint16_t>(kPort + door); }

  // Before the servers, which drop their rights.
  TempFolder folder_{};
  std::string host_ = loopback(1);
  Certificates certificates_ =
      make_certificates(folder_.path() / "tls", std::string("DNS:") + kService);
  Nginx web_{{.address = host_, .port = at(0), .tls_port = at(1), .certificates = certificates_}};
  Apache pages_{host_, at(60), certificates_, true};
  Postfix mx_{host_, at(2), certificates_};
  Vsftpd ftp_{host_, at(3), at(40), certificates_};
  Dropbear shell_{host_, at(5)};
  Exim submission_{host_, at(7), certificates_};
  Dovecot mailbox_{host_, at(10), certificates_};
  Proftpd ftps_{host_, at(4), at(50), certificates_, Proftpd::Tls::implicit};
  Redis cache_{host_, at(20), Entry::login, certificates_};
  Redis primary_{host_, at(22), Entry::free, certificates_};
  Memcached objects_{host_, at(24), certificates_};
  Slapd directory_{host_, at(26), Entry::free, certificates_};
  Mosquitto broker_{host_, at(28), Entry::free, certificates_};
  Kamailio phone_{host_, at(30), "200 OK"};
  Postgresql database_{host_, at(32), {.certificates = &certificates_}};
  Mariadb shop_{host_, at(34), &certificates_};
  Named name_server_{{.zone = "example.test"}};
};

// The page's check as the only one of a config, at the port of its server.
void write_config(const Street& street, const std::string& name, json check) {
  if (street.has_port(name)) {
    CHECK(street.port_of(name) != 0);  // no server is started for it
    check["port"] = street.port_of(name);
  }
  const json config{
      {"allow_exec", true},
      {"checks", {{name, check}}},
      {"services",
       {{{"name", "street"},
         {"type", "none"},
         {"checks", {name}},
         {"replicas", {{{"name", kService}, {"address", street.address_of(name)}}}}}}}};
  street.folder().write("ronda.json", config.dump());
  street.folder().write("words", std::string("street/") + kService + " pass all well\n");
}

Finished run_probe(const Street& street, const std::string& name) {
  const Arguments probe{"probe",     name, std::string("street/") + kService,
                        "--explain", "-c", (street.folder() / "ronda.json").string()};
  if (name != "host") {
    return run_ronda(probe);
  }
  // Not every system allows ping sockets: a network of its own does.
  Arguments command{"unshare",
                    "--net",
                    "sh",
                    "-c",
                    "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range; "
                    "ip link set lo up; exec \"$@\"",
                    "sh",
                    RONDA_BINARY};
  command.insert(command.end(), probe.begin(), probe.end());
  return run(command);
}

std::set<std::string> built_kinds() {
  const json schema = json::parse(run_ronda({"schema"}).output);
  return schema.at("definitions").at("check").at("properties").at("type").at("enum");
}

}  // namespace

TEST_CASE("docs/checks.md: each block passes on the server it is about") {
  if (::geteuid() != 0) {
    WARN("Postfix and Dovecot need root: run this test as root to see it");
    return;
  }
  const std::map<std::string, json> checks = checks_of_page();
  const Street street;
  for (const auto& [name, check] : checks) {
    CAPTURE(name, check.dump());
    write_config(street, name, check);
    const Finished finished = run_probe(street, name);
    INFO(finished.output << finished.errors);
    CHECK(finished.code == 0);
    CHECK_THAT(finished.output, !ContainsSubstring("secret-word"));
  }
}

TEST_CASE("docs/checks.md: no kind of check is missing") {
  std::set<std::string> met;
  for (const auto& [name, check] : checks_of_page()) {
    met.insert(check.at("type").get<std::string>());
  }
  CHECK(met == built_kinds());
}
