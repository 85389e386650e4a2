// A real PowerDNS as primary, with SQLite, in a temporary folder. Throws std::runtime_error with a
// sentence when it cannot start; the Debian packages are pdns-server, pdns-backend-sqlite3 and
// sqlite3.
#pragma once

#include "tests/support/other_servers/other_server.hpp"

namespace ronda::test {

class PowerDns final : public OtherServer {
 public:
  // With caches an answer may be old for as long as they keep it (20 s by default).
  explicit PowerDns(const OtherServerOptions& options, bool caches = false);
  static std::string release();  // "4.7"
};

}  // namespace ronda::test
