// Several clients change one RRset of a real named at the same time, each by compare-and-swap: what
// they report must be what named's journal holds.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "dnsupdate/update/update_request.hpp"
#include "tests/integration/servers/many_clients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/journal.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

constexpr int kMembers = 8;
constexpr const char* kOwner = "www.example.com";

Strings members() {
  Strings texts;
  for (int i = 1; i <= kMembers; ++i) {
    texts.push_back("192.0.2." + std::to_string(i));
  }
  return texts;
}

NamedOptions full_zone() {
  std::string text = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";
  for (const std::string& member : members()) {
    text += "www A " + member + "\n";
  }
  return {.zone_text = text,
          .zone_options = "update-policy { grant ronda zonesub ANY; }; max-journal-size 100m;"};
}

// "-192.0.2.1 +192.0.2.2": a change as both the report and the journal can be written.
std::string words(Strings removed, Strings added) {
  std::sort(removed.begin(), removed.end());
  std::sort(added.begin(), added.end());
  std::string text;
  for (const std::string& one : removed) {
    text += "-" + one + " ";
  }
  for (const std::string& one : added) {
    text += "+" + one + " ";
  }
  return text;
}

std::string words(const RrsetChange& change) {
  Strings removed;
  Strings added;
  for (const Rdata& rdata : removed_records(change)) {
    removed.push_back(rdata.to_string());
  }
  for (const Rdata& rdata : added_records(change)) {
    added.push_back(rdata.to_string());
  }
  return words(std::move(removed), std::move(added));
}

std::string words(const JournalEntry& entry) {
  const std::string prefix = std::string(kOwner) + ". A ";
  const auto cut = [&](const Strings& records) {
    Strings data;
    for (const std::string& record : records) {
      REQUIRE(record.starts_with(prefix));
      data.push_back(record.substr(prefix.size()));
    }
    return data;
  };
  return words(cut(entry.removed), cut(entry.added));
}

// One client's life: read, change, and on a conflict plan anew from what came back.
class Racer {
 public:
  // What to want of these records; the same records: nothing more to do.
  using Plan = std::function<RrSet(const RrSet& observed)>;

  Racer(Client& client, Plan plan, std::function<void()> on_done)
      : client_(client), plan_(std::move(plan)), on_done_(std::move(on_done)) {}

  void start() {
    work_ = client_.read({key_of(kOwner)}, [this](const std::vector<ReadResult>& found) {
      REQUIRE(found.front());
      next(*found.front());
    });
  }

  std::map<OutcomeKind, int> count{};
  std::vector<std::string> applied{};
  std::vector<std::string> open{};  // reported unknown: may be in the zone or not

 private:
  void next(const RrSet& observed) {
    smallest_ = std::min(smallest_, observed.data.size());
    REQUIRE(smallest_ > 0);
    change_ = {.observed = observed, .wanted = plan_(observed)};
    if (same_records(change_.observed, change_.wanted)) {
      on_done_();
      return;
    }
    work_ = client_.update({change_}, [this](const UpdateReport& report) { take(report); });
  }

  void take(const UpdateReport& report) {
    const RrsetOutcome& result = report.rrsets.front();
    ++count[result.outcome.kind];
    if (result.outcome.kind == OutcomeKind::applied) {
      applied.push_back(words(change_));
    } else if (result.outcome.kind == OutcomeKind::unknown) {
      open.push_back(words(change_));
    }
    INFO(result.outcome.detail);
    REQUIRE(result.observed);
    next(*result.observed);
  }

  Client& client_;
  Plan plan_;
  std::function<void()> on_done_;
  RrsetChange change_{};
  std::size_t smallest_ = 1000;
  net::Handle work_{};
};

// Plays the journal from the full set on; the RRset must never be empty. Returns its changes.
std::vector<std::string> play(const Named& named) {
  std::set<std::string> present;
  for (const std::string& member : members()) {
    present.insert(std::string(kOwner) + ". A " + member);
  }
  std::vector<std::string> changes;
  for (const JournalEntry& entry : read_journal(named.journal_path())) {
    for (const std::string& record : entry.removed) {
      REQUIRE(present.erase(record) == 1);
    }
    for (const std::string& record : entry.added) {
      REQUIRE(present.insert(record).second);
    }
    REQUIRE_FALSE(present.empty());
    changes.push_back(words(entry));
  }
  return changes;
}

void race(ManyClients& clients, const std::vector<std::unique_ptr<Racer>>& racers,
          std::size_t& running, net::Duration limit) {
  running = racers.size();
  for (const auto& racer : racers) {
    racer->start();
  }
  clients.run(limit);
}

TEST_CASE("eight clients remove a member each, again and again: never an empty RRset") {
  const int rounds = size_from_environment("RONDA_RACE_ROUNDS", 20);
  const Named named(full_zone());
  ManyClients clients(named, kMembers);
  std::size_t running = 0;
  const auto on_done = [&] {
    if (--running == 0) {
      clients.loop().stop();
    }
  };
  std::vector<std::unique_ptr<Racer>> racers;
  for (int i = 0; i < kMembers; ++i) {
    const Rdata mine = Rdata::parse(RrType::A, members()[static_cast<std::size_t>(i)]).value();
    racers.push_back(std::make_unique<Racer>(
        clients[static_cast<std::size_t>(i)],
        [mine](const RrSet& observed) {
          RrSet wanted = observed;
          if (observed.data.size() > 1) {  // the last record stays
            wanted.erase(mine);
          }
          return wanted;
        },
        on_done));
  }
  std::vector<std::unique_ptr<Racer>> refill;
  refill.push_back(std::make_unique<Racer>(
      clients[0],
      [](const RrSet& observed) { return rrset(observed.key.owner.to_string(), members()); },
      on_done));

  for (int round = 0; round < rounds; ++round) {
    race(clients, racers, running, std::chrono::seconds(30));
    REQUIRE(named.lookup(kOwner).size() == 1);
    race(clients, refill, running, std::chrono::seconds(30));
    REQUIRE(named.lookup(kOwner).size() == kMembers);
  }
  int removals = 0;
  int conflicts = 0;
  int others = 0;
  for (const auto& racer : racers) {
    removals += racer->count[OutcomeKind::applied];
    conflicts += racer->count[OutcomeKind::conflict];
    others += racer->count[OutcomeKind::rejected] + racer->count[OutcomeKind::unknown];
  }
  WARN(removals << " removals, " << conflicts << " conflicts");
  CHECK(removals == rounds * (kMembers - 1));
  CHECK(conflicts > 0);
  CHECK(others == 0);
  CHECK(play(named).size() == static_cast<std::size_t>(rounds * kMembers));
}

// Every applied change is in the journal once, and what else is there was reported open.
void compare_with_journal(const Named& named, const std::vector<std::unique_ptr<Racer>>& racers) {
  std::multiset<std::string> applied;
  std::multiset<std::string> open;
  int conflicts = 0;
  for (const auto& racer : racers) {
    applied.insert(racer->applied.begin(), racer->applied.end());
    open.insert(racer->open.begin(), racer->open.end());
    conflicts += racer->count[OutcomeKind::conflict];
  }
  std::multiset<std::string> journal;
  for (const std::string& change : play(named)) {
    journal.insert(change);
  }
  std::vector<std::string> missing;
  std::set_difference(applied.begin(), applied.end(), journal.begin(), journal.end(),
                      std::back_inserter(missing));
  std::vector<std::string> more;
  std::set_difference(journal.begin(), journal.end(), applied.begin(), applied.end(),
                      std::back_inserter(more));
  std::vector<std::string> unexplained;
  std::set_difference(more.begin(), more.end(), open.begin(), open.end(),
                      std::back_inserter(unexplained));
  WARN(applied.size() << " applied, " << open.size() << " open, " << conflicts << " conflicts, "
                      << journal.size() << " changes in the journal");
  CHECK(missing.empty());
  CHECK(unexplained.empty());
  CHECK(applied.size() > 10);
  CHECK(conflicts > 0);
}

TEST_CASE("four clients add and remove at random: the journal holds what was reported applied") {
  const auto duration = std::chrono::seconds(size_from_environment("RONDA_RACE_SECONDS", 3));
  const Named named(full_zone());
  ManyClients clients(named, 4);
  std::mt19937 dice(static_cast<unsigned>(Catch::rngSeed()));
  const net::SteadyTime end = clients.loop().now() + duration;
  std::size_t running = 0;
  std::vector<std::unique_ptr<Racer>> racers;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    racers.push_back(std::make_unique<Racer>(
        clients[i],
        [&](const RrSet& observed) {
          RrSet wanted = observed;
          if (clients.loop().now() >= end) {
            return wanted;
          }
          const Strings all = members();
          const Rdata one = Rdata::parse(RrType::A, all[dice() % all.size()]).value();
          if (!observed.contains(one)) {
            wanted.insert(one);
          } else if (observed.data.size() > 1) {
            wanted.erase(one);
          } else {
            const Rdata other = Rdata::parse(RrType::A, one.to_string() + "0").value();
            wanted.insert(other);
          }
          return wanted;
        },
        [&] {
          if (--running == 0) {
            clients.loop().stop();
          }
        }));
  }
  race(clients, racers, running, duration + std::chrono::seconds(30));
  compare_with_journal(named, racers);
}

}  // namespace
}  // namespace ronda::test
