#include "tests/integration/servers/kill_rounds.hpp"

#include <chrono>
#include <random>

#include "tests/integration/servers/many_clients.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr int kAtOnce = 10;  // updates under way when the server dies, each of an owner of its own

std::string owner(int number) {
  return "n" + std::to_string(number) + ".example.com";
}

std::vector<ReadResult> read_all(ManyClients& clients, const std::vector<RrsetKey>& keys) {
  std::vector<ReadResult> results;
  const net::Handle work = clients[0].read(keys, [&](std::vector<ReadResult> found) {
    results = std::move(found);
    clients.loop().stop();
  });
  clients.run(std::chrono::seconds(30));
  return results;
}

bool agrees(const RrsetOutcome& reported, const RrsetChange& change, const RrSet& found) {
  const bool before = same_records(found, change.observed);
  const bool after = same_records(found, change.wanted);
  switch (reported.outcome.kind) {
    case OutcomeKind::applied:
      return after;
    case OutcomeKind::unknown:
      return before || after;
    case OutcomeKind::unchanged:
    case OutcomeKind::conflict:
    case OutcomeKind::rejected:
      return before;
  }
  return false;
}

// Starts the updates, calls `then` after `delay`, and waits for the reports.
std::vector<RrsetOutcome> update(ManyClients& clients, const std::vector<RrsetChange>& changes,
                                 net::Duration delay, const std::function<void()>& then) {
  std::vector<RrsetOutcome> reports(changes.size());
  std::vector<net::Handle> handles;
  std::size_t running = changes.size();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    handles.push_back(clients[0].update({changes[i]}, [&, i](const UpdateReport& report) {
      reports[i] = report.rrsets.front();
      if (--running == 0) {
        clients.loop().stop();
      }
    }));
  }
  const net::Handle timer = clients.loop().at(clients.loop().now() + delay, then);
  clients.run(std::chrono::seconds(30));
  return reports;
}

std::vector<RrsetKey> owners() {
  std::vector<RrsetKey> keys;
  for (int i = 0; i < kAtOnce; ++i) {
    keys.push_back(key_of(owner(i)));
  }
  return keys;
}

std::vector<RrsetChange> next_changes(ManyClients& clients, int round) {
  std::vector<RrsetChange> changes;
  for (const ReadResult& found : read_all(clients, owners())) {
    changes.push_back(change(found.value(), {"192.0.2." + std::to_string(round % 250 + 1)}));
  }
  return changes;
}

// How long the updates take when nobody is killed: so long, and half as long again, the killer may
// wait.
std::chrono::microseconds undisturbed(const ClientSettings& settings) {
  ManyClients clients(settings, 1);
  const auto changes = next_changes(clients, 249);
  const auto started = std::chrono::steady_clock::now();
  update(clients, changes, std::chrono::hours(1), [] {});
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               started);
}

}  // namespace

KillTally kill_at_random_moments(const ClientSettings& settings, const Victim& victim, int updates,
                                 unsigned seed) {
  std::mt19937 dice(seed);
  KillTally tally;
  for (int round = 0; round < updates / kAtOnce; ++round) {
    const std::chrono::microseconds usual = undisturbed(settings);
    ManyClients clients(settings, 1);
    const std::vector<RrsetChange> changes = next_changes(clients, round);
    const std::chrono::microseconds delay(dice() % static_cast<unsigned>(usual.count() * 3 / 2));
    const auto reports = update(clients, changes, delay, [&] {
      victim.kill();
      victim.start();
    });
    ManyClients later(settings, 1);
    const std::vector<ReadResult> found = read_all(later, owners());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Outcome& outcome = reports[i].outcome;
      if (!found[i] || !agrees(reports[i], changes[i], *found[i])) {
        tally.lies.push_back("round " + std::to_string(round) + ", killed after " +
                             std::to_string(delay.count()) + " us: " + to_string(outcome.kind) +
                             " " + outcome.detail);
        continue;
      }
      ++tally.count[outcome.kind];
      tally.landed += same_records(*found[i], changes[i].wanted) ? 1 : 0;
    }
  }
  return tally;
}

}  // namespace ronda::test
