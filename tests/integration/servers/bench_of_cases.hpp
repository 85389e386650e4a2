// The behaviours that every RFC 2136 server should share, as cases in a table: each does something
// through the client and says in a few words what came of it. Made to be run against BIND, Knot and
// PowerDNS, so that their differences stand in one place.
#pragma once

#include <cstdint>
#include <functional>
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
  std::function<void()> kill{};   // SIGKILL
  std::function<void()> start{};  // again, when it does not run
  bool serial_counts = true;      // each change raises it by one
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
  // With this key, whether or not the server knows it.
  ClientFixture client_with(const ServerKey& key, dnsupdate::ClientSettings settings = {}) const;
  // Writes a key file and says where it is.
  std::string write_key(const ServerKey& key) const;
  dnsupdate::ClientSettings settings() const;
  const Place& place() const { return place_; }
  std::string server() const;    // "127.0.0.1:25301"
  std::string key_path() const;  // of the first key
  std::uint64_t serial() const;  // of the zone's SOA
  // The rcode of an UPDATE that only asks, or "no answer".
  std::string ask(const dnsupdate::Message& question);
  Strings lookup(const std::string& name, const std::string& type = "A") const;

 private:
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

// Every suite gets a server of its own.
struct Suite {
  std::string name{};
  std::vector<ServerCase> cases{};
};
std::vector<ServerCase> server_cases();   // the client
std::vector<ServerCase> program_cases();  // the program itself
std::vector<ServerCase> crowd_cases();    // many clients, kill -9, our own death
std::vector<ServerCase> way_cases();      // the way to the server
std::vector<Suite> suites();

std::string join(const Strings& texts);  // with blanks; "nothing"

}  // namespace ronda::test
