// The common cases against real BIND, Knot and PowerDNS. A server whose package is not installed
// fails its test case: tools/test-servers installs them.
#include <algorithm>
#include <iostream>
#include <memory>

#include "tests/integration/dnsupdate/meddling_table.hpp"
#include "tests/integration/servers/bench_of_cases.hpp"
#include "tests/integration/servers/race.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"
#include "tests/support/other_servers/knot.hpp"
#include "tests/support/other_servers/powerdns.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

OtherServerOptions options() {
  return {.zone_text = common_zone(), .keys = common_keys()};
}

// `server` is "Knot 3.2"; what only a release does differently stands under that, before what every
// Knot does. One line a case, so that the page about servers can be compared with what they do.
void run_cases(const std::string& server, const Place& place,
               const std::vector<ServerCase>& cases) {
  CaseBench bench(place);
  for (const ServerCase& one : cases) {
    auto difference = one.differences.find(server);
    if (difference == one.differences.end()) {
      difference = one.differences.find(server.substr(0, server.find(' ')));
    }
    std::string said;
    try {
      said = one.run(bench);
    } catch (const std::exception& error) {
      said = std::string("exception: ") + error.what();
    }
    std::cout << server << " | " << one.name << " | " << said << "\n";
    INFO(server << ": " << one.name);
    CHECK(said == (difference == one.differences.end() ? one.expected : difference->second));
  }
}

TEST_CASE("docs/servers.md has a row for each case that differs, and no other") {
  const std::string page = read_file(RONDA_SOURCE_FOLDER "/docs/servers.md");
  std::string table = page.substr(page.find("| case |"));
  table.resize(table.find("\n\n"));
  std::ptrdiff_t rows = 2;  // the head and the line below it
  for (const Suite& suite : suites()) {
    for (const ServerCase& one : suite.cases) {
      if (!one.differences.empty()) {
        INFO(one.name);
        CHECK_THAT(table, ContainsSubstring("\n| " + one.name + " |"));
        ++rows;
      }
    }
  }
  CHECK(std::count(table.begin(), table.end(), '\n') + 1 == rows);
}

// Or the cases that rest on it would pass whatever happened.
TEST_CASE("what makes one story of changes, and what does not") {
  const RrSet one = rrset(kRaceOwner, {"192.0.2.1"});
  const RrSet two = rrset(kRaceOwner, {"192.0.2.2"});
  const RrSet both = rrset(kRaceOwner, {"192.0.2.1", "192.0.2.2"});
  RaceTally tally{.applied = {{one, both}, {both, one}, {both, two}, {one, both}}};
  CHECK(one_story(tally, 0, one, two));
  CHECK_FALSE(one_story(tally, 0, one, one));  // the last change is not there
  CHECK_FALSE(one_story(tally, 0, both, two));
  tally.open = {{two, one}, {two, both}};
  CHECK(one_story(tally, 0, one, two));
  CHECK(one_story(tally, 1, one, both));
  CHECK_FALSE(one_story(tally, 2, one, both));
  CHECK_FALSE(one_story(tally, 3, one, two));
  // Balanced, and yet nobody was ever there.
  const RrSet three = rrset(kRaceOwner, {"192.0.2.3"});
  tally = {.applied = {{one, two}, {three, both}, {both, three}}};
  CHECK_FALSE(one_story(tally, 0, one, two));
}

NamedOptions bind_options(const std::vector<ServerKey>& keys) {
  std::string statements;
  std::string grants;
  for (const ServerKey& key : keys) {
    statements += key_statement(key);
    grants += key.may_change ? "grant " + key.name + " zonesub ANY; " : "";
  }
  return {.zone_text = common_zone(),
          .zone_options = "update-policy { " + grants +
                          "}; max-records-per-type 100; "
                          "allow-transfer { key ronda; };",  // 9.20 allows none unless told
          .statements = statements,
          .key_name = "unused"};
}

// A new one for each suite.
TEST_CASE("BIND") {
  for (const Suite& suite : suites()) {
    DYNAMIC_SECTION(suite.name) {
      const std::vector<ServerKey> keys = common_keys();
      Named named(bind_options(keys));
      run_cases("BIND " + named_series(),
                {.address = named.address(),
                 .port = named.port(),
                 .folder = named.folder(),
                 .keys = keys,
                 .kill = [&] { named.kill(); },
                 .start = [&] { named.start(); }},
                suite.cases);
    }
  }
}

template <typename Server>
void run_suites(const std::string& name) {
  for (const Suite& suite : suites()) {
    DYNAMIC_SECTION(suite.name) {
      const OtherServerOptions wanted = options();
      Server server(wanted);
      run_cases(name + " " + Server::release(),
                {.address = OtherServer::kAddress,
                 .port = server.port(),
                 .folder = server.folder(),
                 .keys = wanted.keys,
                 .kill = [&] { server.kill(); },
                 .start = [&] { server.start(); },
                 // Updates that wait for the zone are one change there.
                 .serial_counts = !std::is_same_v<Server, Knot>},
                suite.cases);
    }
  }
}

TEST_CASE("Knot") {
  run_suites<Knot>("Knot");
}

TEST_CASE("PowerDNS") {
  run_suites<PowerDns>("PowerDNS");
}

// The rows that are played before a real named in integration_meddling, before the other two.
template <typename Server>
void play_before() {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    const OtherServerOptions told = options();
    const Server server(told);
    const std::string path = server.folder() + "/relay.keyfile";
    write_file(path, key_statement(told.keys.front()));
    net::UvLoop loop;
    const auto honest =
        real_server(loop, {net::IpAddress::parse(OtherServer::kAddress).value(), server.port()});
    play_meddling(loop, *honest, load_key(path), transport);
  }
}

TEST_CASE("a hostile proxy before Knot: every row ends in the truth") {
  play_before<Knot>();
}

TEST_CASE("a hostile proxy before PowerDNS: every row ends in the truth") {
  play_before<PowerDns>();
}

// By default PowerDNS answers from a cache for 20 seconds: committed, and not yet visible.
TEST_CASE("PowerDNS with its caches") {
  const OtherServerOptions wanted = options();
  const PowerDns server(wanted, true);
  CaseBench bench({.address = OtherServer::kAddress,
                   .port = server.port(),
                   .folder = server.folder(),
                   .keys = wanted.keys});
  const RrSet four = bench.client().read(key_of("swap.example.com")).value();
  const UpdateReport report = bench.client().update({change(four, {"192.0.2.9"})});
  const RrsetOutcome& result = report.rrsets.front();
  std::cout << "PowerDNS with its caches | swap | " << to_string(result.outcome.kind) << " "
            << result.outcome.detail << "\n";
  CHECK(result.outcome.kind == OutcomeKind::applied);
}

}  // namespace
}  // namespace ronda::test
