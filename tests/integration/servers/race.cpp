#include "tests/integration/servers/race.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "tests/integration/servers/many_clients.hpp"
#include "tests/support/named/dig.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

// One client's life: read, change, and on a conflict plan anew from what came back.
class Racer {
 public:
  // What to want of these records; the same records: nothing more to do.
  using Plan = std::function<RrSet(const RrSet& observed)>;

  Racer(Client& client, Plan plan, RaceTally& tally, std::function<void()> on_done)
      : client_(client), plan_(std::move(plan)), tally_(tally), on_done_(std::move(on_done)) {}

  void start() {
    work_ = client_.read({key_of(kRaceOwner)}, [this](const std::vector<ReadResult>& found) {
      if (!found.front()) {
        give_up("read: " + found.front().error().detail);
        return;
      }
      next(*found.front());
    });
  }

 private:
  void next(const RrSet& observed) {
    tally_.smallest = std::min(tally_.smallest, observed.data.size());
    if (observed.data.empty()) {
      give_up("an empty RRset");
      return;
    }
    change_ = {.observed = observed, .wanted = plan_(observed)};
    if (same_records(change_.observed, change_.wanted)) {
      on_done_();
      return;
    }
    work_ = client_.update({change_}, [this](const UpdateReport& report) { take(report); });
  }

  void take(const UpdateReport& report) {
    const RrsetOutcome& result = report.rrsets.front();
    switch (result.outcome.kind) {
      case OutcomeKind::applied:
        tally_.applied.push_back(change_);
        break;
      case OutcomeKind::unknown:
        tally_.open.push_back(change_);
        break;
      case OutcomeKind::conflict:
        ++tally_.conflicts;
        break;
      case OutcomeKind::unchanged:
        ++tally_.unchanged;
        break;
      case OutcomeKind::rejected:
        ++tally_.rejected;
        break;
    }
    if (!result.observed) {
      give_up("no read-back: " + result.outcome.detail);
      return;
    }
    next(*result.observed);
  }

  void give_up(std::string why) {
    tally_.faults.push_back(std::move(why));
    on_done_();
  }

  Client& client_;
  Plan plan_;
  RaceTally& tally_;
  std::function<void()> on_done_;
  RrsetChange change_{};
  net::Handle work_{};
};

// Clients, a racer for each, and the wait for the last of them.
class Course {
 public:
  Course(const ClientSettings& settings, int count, RaceTally& tally)
      : clients_(settings, count), tally_(tally) {}

  net::UvLoop& loop() { return clients_.loop(); }
  // One plan for each client that takes part.
  void run(const std::vector<Racer::Plan>& plans, net::Duration limit) {
    std::vector<std::unique_ptr<Racer>> racers;
    std::size_t running = plans.size();
    for (std::size_t i = 0; i < plans.size(); ++i) {
      racers.push_back(std::make_unique<Racer>(clients_[i], plans[i], tally_, [&] {
        if (--running == 0) {
          clients_.loop().stop();
        }
      }));
      racers.back()->start();
    }
    clients_.run(limit);
  }

 private:
  ManyClients clients_;
  RaceTally& tally_;
};

// Seen by an onlooker.
void expect_records(const ClientSettings& settings, std::size_t count, RaceTally& tally) {
  const net::Endpoint& server = settings.servers.front();
  const std::size_t found = dig(server.ip.to_string(), server.port, kRaceOwner, "A").size();
  if (found != count) {
    tally.faults.push_back(std::to_string(found) + " records instead of " + std::to_string(count));
  }
}

// Each change is an edge from one set to another, and the story is a path that takes every edge
// once: there is one when every set is left as often as it is entered, but for the two ends, and
// all edges hang together.
bool is_path(const std::vector<RrsetChange>& changes, const RrSet& first, const RrSet& last) {
  const auto words = [](const RrSet& set) {
    std::string text;
    for (const std::string& one : set.to_strings()) {
      text += one + " ";
    }
    return text;
  };
  std::map<std::string, int> balance;
  std::map<std::string, std::vector<std::string>> next;
  for (const RrsetChange& change : changes) {
    const std::string from = words(change.observed);
    const std::string to = words(change.wanted);
    ++balance[from];
    --balance[to];
    next[from].push_back(to);
  }
  --balance[words(first)];
  ++balance[words(last)];
  if (!std::ranges::all_of(balance, [](const auto& one) { return one.second == 0; })) {
    return false;
  }
  std::set<std::string> reached;
  std::vector<std::string> open{words(first)};
  while (!open.empty()) {
    const std::string here = open.back();
    open.pop_back();
    if (reached.insert(here).second) {
      open.insert(open.end(), next[here].begin(), next[here].end());
    }
  }
  return std::ranges::all_of(balance, [&](const auto& one) { return reached.contains(one.first); });
}

}  // namespace

Strings race_members() {
  Strings texts;
  for (int i = 1; i <= kRaceMembers; ++i) {
    texts.push_back("192.0.2." + std::to_string(i));
  }
  return texts;
}

RaceTally race_of_removals(const ClientSettings& settings, int rounds) {
  RaceTally tally;
  Course course(settings, kRaceMembers, tally);
  std::vector<Racer::Plan> removals;
  for (const std::string& member : race_members()) {
    removals.emplace_back([mine = Rdata::parse(RrType::A, member).value()](const RrSet& observed) {
      RrSet wanted = observed;
      if (observed.data.size() > 1) {  // the last record stays
        wanted.erase(mine);
      }
      return wanted;
    });
  }
  const Racer::Plan refill = [](const RrSet& observed) {
    return rrset(observed.key.owner.to_string(), race_members());
  };
  for (int round = 0; round < rounds && tally.faults.empty(); ++round) {
    course.run(removals, std::chrono::seconds(30));
    expect_records(settings, 1, tally);
    course.run({refill}, std::chrono::seconds(30));
    expect_records(settings, kRaceMembers, tally);
  }
  return tally;
}

RaceTally race_at_random(const ClientSettings& settings, net::Duration duration, unsigned seed) {
  RaceTally tally;
  Course course(settings, 4, tally);
  std::mt19937 dice(seed);
  const net::SteadyTime end = course.loop().now() + duration;
  const Racer::Plan plan = [&](const RrSet& observed) {
    RrSet wanted = observed;
    if (course.loop().now() >= end) {
      return wanted;
    }
    const Strings all = race_members();
    const Rdata one = Rdata::parse(RrType::A, all[dice() % all.size()]).value();
    if (!observed.contains(one)) {
      wanted.insert(one);
    } else if (observed.data.size() > 1) {
      wanted.erase(one);
    } else {
      wanted.insert(Rdata::parse(RrType::A, one.to_string() + "0").value());
    }
    return wanted;
  };
  course.run({plan, plan, plan, plan}, duration + std::chrono::seconds(30));
  return tally;
}

bool one_story(const RaceTally& tally, std::size_t landed, const RrSet& first, const RrSet& last) {
  if (landed > tally.open.size()) {
    return false;
  }
  // One mark for each open change, and every way to set `landed` of them.
  std::vector<bool> chosen(tally.open.size(), false);
  std::fill(chosen.end() - static_cast<std::ptrdiff_t>(landed), chosen.end(), true);
  do {
    std::vector<RrsetChange> changes = tally.applied;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i]) {
        changes.push_back(tally.open[i]);
      }
    }
    if (is_path(changes, first, last)) {
      return true;
    }
  } while (std::next_permutation(chosen.begin(), chosen.end()));
  return false;
}

}  // namespace ronda::test
