#include "tests/support/other_servers/knot.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr const char* kKnot = "/usr/sbin/knotd";

std::string config_text(const OtherServerOptions& options, const std::string& folder,
                        std::uint16_t port) {
  std::ostringstream text;
  text << "server:\n  rundir: " << folder << "\n  listen: " << OtherServer::kAddress << "@" << port
       << "\n  udp-workers: 1\n  tcp-workers: 2\n  background-workers: 1\n"
       << "log:\n  - target: stderr\n    any: info\n"
       << "database:\n  storage: " << folder
       << "\n  journal-db-max-size: 32M\n  kasp-db-max-size: 16M\n  timer-db-max-size: 8M\n"
       << "control:\n  listen: " << folder << "/knot.sock\nkey:\n";
  std::string names;
  for (const ServerKey& key : options.keys) {
    text << "  - id: " << key.name << "\n    algorithm: " << key.algorithm
         << "\n    secret: " << key.secret << "\n";
    if (key.may_change) {
      names += (names.empty() ? "" : ", ") + key.name;
    }
  }
  text << "acl:\n  - id: update\n    key: [" << names << "]\n    action: [update, transfer]\n"
       << "zone:\n  - domain: " << options.zone << "\n    storage: " << folder
       << "\n    file: zone\n    zonefile-sync: 0\n    acl: update\n";
  return text.str();
}

}  // namespace

std::string Knot::release() {
  return release_of({kKnot, "--version"});
}

Knot::Knot(const OtherServerOptions& options) {
  if (!std::filesystem::exists(kKnot)) {
    throw std::runtime_error(std::string(kKnot) + " is missing: install the Debian package knot");
  }
  write_file(folder() + "/zone", options.zone_text);
  write_file(folder() + "/knot.conf", config_text(options, folder(), port()));
  start({kKnot, "-c", folder() + "/knot.conf"}, options.zone);
}

}  // namespace ronda::test
