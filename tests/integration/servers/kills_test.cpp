// kill -9 of a real named at random moments of updates: what was reported agrees with the zone
// after the restart.
#include "tests/integration/servers/kill_rounds.hpp"
#include "tests/integration/servers/many_clients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/named.hpp"

namespace ronda::test {
namespace {

using dnsupdate::OutcomeKind;

TEST_CASE("kill -9 at random moments: each outcome agrees with the zone after the restart") {
  const int updates = size_from_environment("RONDA_KILL_UPDATES", 40);
  Named named({.zone_options = "update-policy { grant ronda zonesub ANY; }; "
                               "max-journal-size 100m;"});
  KillTally tally = kill_at_random_moments(
      client_settings(named), {.kill = [&] { named.kill(); }, .start = [&] { named.start(); }},
      updates, static_cast<unsigned>(Catch::rngSeed()));
  WARN(tally.count[OutcomeKind::applied] << " applied, " << tally.count[OutcomeKind::unknown]
                                         << " unknown, " << tally.count[OutcomeKind::rejected]
                                         << " rejected, " << tally.count[OutcomeKind::conflict]
                                         << " conflicts; " << tally.landed << " in the zone");
  CHECK(tally.lies == std::vector<std::string>{});
  CHECK(tally.count[OutcomeKind::applied] > 0);
}

}  // namespace
}  // namespace ronda::test
