#include "tests/support/other_servers/powerdns.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr const char* kServer = "/usr/sbin/pdns_server";
constexpr const char* kTool = "/usr/bin/pdnsutil";
constexpr const char* kSqlite = "/usr/bin/sqlite3";
constexpr const char* kSchema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";

void need(const char* path, const char* package) {
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(std::string(path) + " is missing: install the Debian package " +
                             package);
  }
}

}  // namespace

std::string PowerDns::release() {
  return release_of({kServer, "--version"});
}

PowerDns::PowerDns(const OtherServerOptions& options, bool caches) {
  need(kServer, "pdns-server");
  need(kSchema, "pdns-backend-sqlite3");
  need(kSqlite, "sqlite3");
  const std::string database = folder() + "/database";
  run_command({kSqlite, database, std::string(".read ") + kSchema});
  std::ostringstream text;
  text << "launch=gsqlite3\ngsqlite3-database=" << database << "\nlocal-address=" << kAddress
       << "\nlocal-port=" << port() << "\nsocket-dir=" << folder()
       << "\ndaemon=no\nguardian=no\ndisable-syslog=yes\ndnsupdate=yes\nallow-dnsupdate-from="
          "127.0.0.0/8\nsecurity-poll-suffix=\n";
  if (!caches) {
    text << "cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\nzone-cache-refresh-interval=0\n";
  }
  write_file(folder() + "/pdns.conf", text.str());
  write_file(folder() + "/zone", "$ORIGIN " + options.zone + ".\n" + options.zone_text);
  const std::string config = "--config-dir=" + folder();
  run_command({kTool, config, "load-zone", options.zone, folder() + "/zone"});
  for (const ServerKey& key : options.keys) {
    run_command({kTool, config, "import-tsig-key", key.name, key.algorithm, key.secret});
  }
  for (const char* leave : {"TSIG-ALLOW-DNSUPDATE", "TSIG-ALLOW-AXFR"}) {
    std::vector<std::string> allow{kTool, config, "set-meta", options.zone, leave};
    for (const ServerKey& key : options.keys) {
      if (key.may_change) {
        allow.push_back(key.name);
      }
    }
    run_command(allow);
  }
  run_command({kTool, config, "set-meta", options.zone, "ALLOW-DNSUPDATE-FROM", "127.0.0.0/8"});
  run_command({kTool, config, "set-meta", options.zone, "SOA-EDIT-DNSUPDATE", "INCREASE"});
  start({kServer, config}, options.zone);
}

}  // namespace ronda::test
