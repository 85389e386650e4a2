// The behaviours that every RFC 2136 server should share, as cases in a table: each does something
// through the client and says in a few words what came of it. Made to be run against BIND, Knot and
// PowerDNS, so that their differences stand in one place.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dnsupdate/io/exchange.hpp"
#include "net/random.hpp"
#include "net/uv_loop.hpp"
#include "tests/integration/dnsupdate/client_fixture.hpp"
#include "tests/support/other_servers/other_server.hpp"

namespace ronda::test {

// Where the server under test is, and what it has been told.
struct Place {
  std::string address{};
  std::uint16_t port = 0;
  std::string folder{};  // key files are written there
  std::vector<ServerKey> keys{};
};

// The zone and the keys that every server is started with.
std::string common_zone();
std::vector<ServerKey> common_keys();

class CaseBench {
 public:
  explicit CaseBench(Place place);

  ClientFixture& client() { return *client_; }
  const ServerKey& key() const;
  const std::vector<ServerKey>& keys() const { return place_.keys; }
  ClientFixture client_with(const ServerKey& key, dnsupdate::ClientSettings settings = {}) const;
  dnsupdate::ClientSettings settings() const;
  // The rcode of an UPDATE that only asks, or "no answer".
  std::string ask(const dnsupdate::Message& question);
  Strings lookup(const std::string& name, const std::string& type = "A") const;

 private:
  std::string key_path(const ServerKey& key) const;

  Place place_;
  std::unique_ptr<ClientFixture> client_;
};

struct ServerCase {
  std::string name{};
  std::string (*run)(CaseBench&) = nullptr;
  std::string expected{};  // as BIND 9.18 does it
  // What other servers do instead, by the word that names them.
  std::map<std::string, std::string> differences{};
};

std::vector<ServerCase> server_cases();

}  // namespace ronda::test
