// Many clients at once, and a server that is killed, before every server alike. What BIND's journal
// proves there is proved here by the zone: its serial, and whether what was reported makes one
// story.
#include <chrono>

#include "tests/integration/dnsupdate/mortal_run.hpp"
#include "tests/integration/servers/bench_of_cases.hpp"
#include "tests/integration/servers/kill_rounds.hpp"
#include "tests/integration/servers/many_clients.hpp"
#include "tests/integration/servers/race.hpp"
#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

unsigned seed() {
  return static_cast<unsigned>(Catch::rngSeed());
}

// What the zone says to what was reported.
std::string judge(CaseBench& bench, const RaceTally& tally, std::uint64_t serial_before) {
  if (!tally.faults.empty()) {
    return join(tally.faults);
  }
  const RrSet last = bench.client().read(key_of(kRaceOwner)).value();
  const std::uint64_t done = bench.serial() - serial_before;
  WARN(tally.applied.size() << " applied, " << tally.open.size() << " open, " << tally.conflicts
                            << " conflicts, " << done << " changes by the serial");
  const bool counts = bench.place().serial_counts;
  if (counts && done < tally.applied.size()) {
    return "fewer changes than were reported applied";
  }
  // Where the serial does not tell, any number of the open ones may have landed.
  const std::size_t least = counts ? done - tally.applied.size() : 0;
  const std::size_t most = counts ? least : tally.open.size();
  bool told = false;
  for (std::size_t landed = least; landed <= most && !told; ++landed) {
    told = one_story(tally, landed, rrset(kRaceOwner, race_members()), last);
  }
  std::string said = told ? "one story" : "NOT one story";
  said += tally.conflicts > 0 ? ", conflicts" : ", no conflict";
  said += tally.open.size() * 10 <= tally.applied.size() ? "" : ", much is open";
  return said + ", " + std::to_string(tally.rejected) + " rejected";
}

std::string removals(CaseBench& bench) {
  const int rounds = size_from_environment("RONDA_RACE_ROUNDS", 20);
  const std::uint64_t before = bench.serial();
  const RaceTally tally = race_of_removals(bench.settings(), rounds);
  return judge(bench, tally, before) +
         (tally.applied.size() == static_cast<std::size_t>(rounds * kRaceMembers) ? "" : ", short");
}

std::string at_random(CaseBench& bench) {
  const auto duration = std::chrono::seconds(size_from_environment("RONDA_RACE_SECONDS", 3));
  const std::uint64_t before = bench.serial();
  const RaceTally tally = race_at_random(bench.settings(), duration, seed());
  return judge(bench, tally, before) + (tally.applied.size() > 10 ? "" : ", hardly any");
}

std::string kills(CaseBench& bench) {
  const int updates = size_from_environment("RONDA_KILL_UPDATES", 40);
  KillTally tally = kill_at_random_moments(
      bench.settings(), {.kill = bench.place().kill, .start = bench.place().start}, updates,
      seed());
  WARN(tally.count[OutcomeKind::applied] << " applied, " << tally.count[OutcomeKind::unknown]
                                         << " unknown, " << tally.count[OutcomeKind::rejected]
                                         << " rejected, " << tally.count[OutcomeKind::conflict]
                                         << " conflicts; " << tally.landed << " in the zone");
  return (tally.lies.empty() ? "each agrees" : join(tally.lies)) +
         (tally.count[OutcomeKind::applied] > 0 ? "" : ", none applied");
}

// We die at each of these points, and the next run does what every run does: read, compare, write.
std::string own_death(CaseBench& bench) {
  using Death = MortalRun::Death;
  std::string said;
  for (const Death death : {Death::before_send, Death::after_send, Death::after_reply,
                            Death::before_read_back, Death::after_read_back}) {
    const std::string owner = "death" + std::to_string(static_cast<int>(death)) + ".example.com";
    const std::uint64_t before = bench.serial();
    const Strings wanted{"192.0.2.2", "192.0.2.200"};
    {
      MortalRun run(bench.settings(),
                    {change(rrset(owner, {"192.0.2.1", "192.0.2.2", "192.0.2.200"}), wanted)},
                    [&] { return bench.serial() != before; });
      if (!run.run_until(death)) {
        return said + "it did not live to the next point";
      }
    }
    const RrSet found = bench.client().read(key_of(owner)).value();
    const UpdateReport report = bench.client().update({change(found, wanted)});
    said += std::string(to_string(report.rrsets.front().outcome.kind)) + " +" +
            std::to_string(bench.serial() - before) + " " + join(bench.lookup(owner)) + "; ";
  }
  return said;
}

}  // namespace

std::vector<ServerCase> crowd_cases() {
  return {
      {"eight clients remove a member each, again and again", removals,
       "one story, conflicts, 0 rejected"},
      {"four clients add and remove at random", at_random, "one story, conflicts, 0 rejected"},
      {"kill -9 at random moments of updates", kills, "each agrees"},
      {"our own death before sending, after it, after the reply, before and after the read-back",
       own_death,
       "applied +1 192.0.2.2 192.0.2.200; unchanged +1 192.0.2.2 192.0.2.200; "
       "unchanged +1 192.0.2.2 192.0.2.200; unchanged +1 192.0.2.2 192.0.2.200; "
       "unchanged +1 192.0.2.2 192.0.2.200; "},
  };
}

}  // namespace ronda::test
