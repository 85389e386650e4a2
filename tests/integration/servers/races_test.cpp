// Several clients change one RRset of a real named at the same time, each by compare-and-swap: what
// they report must be what named's journal holds.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "dnsupdate/update/update_request.hpp"
#include "tests/integration/servers/many_clients.hpp"
#include "tests/integration/servers/race.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/journal.hpp"
#include "tests/support/named/named.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

NamedOptions full_zone() {
  std::string text = "$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";
  for (const std::string& member : race_members()) {
    text += "raced A " + member + "\n";
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
  const std::string prefix = std::string(kRaceOwner) + ". A ";
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

// Plays the journal from the full set on; the RRset must never be empty. Returns its changes.
std::vector<std::string> play(const Named& named) {
  std::set<std::string> present;
  for (const std::string& member : race_members()) {
    present.insert(std::string(kRaceOwner) + ". A " + member);
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

TEST_CASE("eight clients remove a member each, again and again: never an empty RRset") {
  const int rounds = size_from_environment("RONDA_RACE_ROUNDS", 20);
  const Named named(full_zone());
  const RaceTally tally = race_of_removals(client_settings(named), rounds);
  WARN(tally.applied.size() << " changes, " << tally.conflicts << " conflicts");
  CHECK(tally.faults == Strings{});
  CHECK(tally.applied.size() == static_cast<std::size_t>(rounds * kRaceMembers));
  CHECK(tally.conflicts > 0);
  CHECK(tally.rejected == 0);
  CHECK(tally.open.empty());
  CHECK(play(named).size() == static_cast<std::size_t>(rounds * kRaceMembers));
}

// Every applied change is in the journal once, and what else is there was reported open.
void compare_with_journal(const Named& named, const RaceTally& tally) {
  std::multiset<std::string> applied;
  for (const RrsetChange& change : tally.applied) {
    applied.insert(words(change));
  }
  std::multiset<std::string> open;
  for (const RrsetChange& change : tally.open) {
    open.insert(words(change));
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
  WARN(applied.size() << " applied, " << open.size() << " open, " << tally.conflicts
                      << " conflicts, " << journal.size() << " changes in the journal");
  CHECK(missing.empty());
  CHECK(unexplained.empty());
  CHECK(applied.size() > 10);
  CHECK(tally.conflicts > 0);
}

TEST_CASE("four clients add and remove at random: the journal holds what was reported applied") {
  const auto duration = std::chrono::seconds(size_from_environment("RONDA_RACE_SECONDS", 3));
  const Named named(full_zone());
  const RaceTally tally =
      race_at_random(client_settings(named), duration, static_cast<unsigned>(Catch::rngSeed()));
  CHECK(tally.faults == Strings{});
  compare_with_journal(named, tally);
}

}  // namespace
}  // namespace ronda::test
