// The way to the server: the zone of a name through the SOA, and several servers in order.
#include <optional>

#include "dnsupdate/io/zone_finder.hpp"
#include "tests/integration/net/listener.hpp"
#include "tests/integration/servers/bench_of_cases.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

std::string find(CaseBench& bench, const std::string& owner, Transport transport, bool with_key) {
  const ClientSettings settings = bench.settings();
  net::UvLoop loop;
  net::SystemRandom random;
  std::string said = "no answer";
  const net::Handle search = find_zone(
      loop, random,
      {.server = settings.servers.front(),
       .key = with_key ? settings.key : TsigKeyPtr(),
       .transport = transport},
      name(owner), [&](const std::expected<FoundZone, std::string>& found) {
        said = !found ? (found.error().find("refers") != std::string::npos ? "referral" : "none")
                      : found->zone.to_string() + " at " + found->primary.to_string();
        loop.stop();
      });
  const net::Handle limit = loop.at(loop.now() + std::chrono::seconds(20), [&] { loop.stop(); });
  loop.run();
  return said;
}

// The same, however it is asked; "differs" when it is not.
std::string find(CaseBench& bench, const std::string& owner) {
  const std::string said = find(bench, owner, Transport::tcp, true);
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    for (const bool with_key : {true, false}) {
      if (find(bench, owner, transport, with_key) != said) {
        return said + " (differs)";
      }
    }
  }
  return said;
}

std::string zones(CaseBench& bench) {
  return find(bench, "WWW.example.com") + ", " + find(bench, "not.there.at.all.example.com") +
         ", " + find(bench, "alias.example.com") + ", below a cut " +
         find(bench, "deep.x.sub.example.com") + ", elsewhere " + find(bench, "www.example.org");
}

std::string several(CaseBench& bench) {
  Listener closed;
  const net::Endpoint dead = closed.endpoint();
  closed.close();
  const net::Endpoint server = bench.settings().servers.front();
  ClientFixture client = bench.client_with(bench.key(), {.servers = {dead, server}});
  const auto add = [&](const std::string& label) {
    const UpdateReport report =
        client.update({change(rrset(label + ".example.com", {}), {"192.0.2.1"})});
    const Outcome& outcome = report.rrsets.front().outcome;
    return std::string(to_string(outcome.kind)) +
           (outcome.server == server.to_string() ? " by the second" : " by another");
  };
  std::string said = add("next1");
  bench.place().kill();
  const ReadResult lost = client.read(key_of("next1.example.com"));
  said += lost ? ", read while it is dead" : ", unreachable";
  bench.place().start();
  said += ", " + add("next2");
  return said + ": " + join(bench.lookup("next1.example.com")) + " " +
         join(bench.lookup("next2.example.com"));
}

}  // namespace

std::vector<ServerCase> way_cases() {
  return {
      {"the zone of a name through the SOA", zones,
       "example.com at ns.example.com, example.com at ns.example.com, "
       "example.com at ns.example.com, below a cut referral, elsewhere none"},
      {"the first of two servers is dead, then both, then again the first", several,
       "applied by the second, unreachable, applied by the second: 192.0.2.1 192.0.2.1"},
  };
}

}  // namespace ronda::test
