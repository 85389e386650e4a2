// Thousands of pipelined updates of a signed zone: nothing is lost, named lives, and the journal
// holds exactly what was reported applied.
#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "tests/integration/servers/many_clients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/named/journal.hpp"
#include "tests/support/named/named.hpp"
#include "tests/support/named/named_process.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

NamedOptions signed_zone(bool inline_signing) {
  return {.zone_options = std::string("update-policy { grant ronda zonesub ANY; };\n"
                                      "  max-journal-size 500m; dnssec-policy p; inline-signing ") +
                          (inline_signing ? "yes;" : "no;"),
          .statements =
              "dnssec-policy \"p\" { keys { csk lifetime unlimited algorithm "
              "ecdsap256sha256; }; };"};
}

std::string owner(int number) {
  return "n" + std::to_string(number) + ".example.com";
}

// Each owner once, always so many under way.
class Flood {
 public:
  Flood(ManyClients& clients, int updates) : clients_(clients), updates_(updates) {}

  std::map<std::string, RrsetOutcome> run() {
    constexpr int kUnderWay = 100;
    while (started_ < std::min(updates_, kUnderWay)) {
      start_next();
    }
    clients_.run(std::chrono::seconds(300));
    return std::move(reports_);
  }

 private:
  void start_next() {
    const int number = started_++;
    works_[number] = clients_[0].update({change(rrset(owner(number), {}), {"192.0.2.1"})},
                                        [this, number](const auto& report) {
                                          reports_[owner(number)] = report.rrsets.front();
                                          works_.erase(number);
                                          if (started_ < updates_) {
                                            start_next();
                                          } else if (works_.empty()) {
                                            clients_.loop().stop();
                                          }
                                        });
  }

  ManyClients& clients_;
  int updates_;
  int started_ = 0;
  std::map<int, net::Handle> works_{};
  std::map<std::string, RrsetOutcome> reports_{};
};

void flood_and_compare(const Named& named, int updates) {
  ManyClients clients(named, 1);
  const auto started = std::chrono::steady_clock::now();
  const auto reports = Flood(clients, updates).run();
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  std::set<std::string> applied;
  std::map<OutcomeKind, int> count;
  std::string detail;
  for (const auto& [name, report] : reports) {
    ++count[report.outcome.kind];
    if (report.outcome.kind == OutcomeKind::applied) {
      applied.insert(name + ". A 192.0.2.1");
    } else {
      detail = report.outcome.detail;
    }
  }
  std::set<std::string> journal;
  for (const JournalEntry& entry : read_journal(named.journal_path())) {
    CHECK(entry.removed.empty());
    for (const std::string& record : entry.added) {
      CHECK(journal.insert(record).second);
    }
  }
  WARN(updates << " updates in " << elapsed.count() << " ms, " << named.update_count()
               << " UPDATE messages, " << count[OutcomeKind::applied] << " applied");
  INFO(detail);
  CHECK(count[OutcomeKind::applied] == updates);
  CHECK(journal == applied);
  CHECK(named.lookup(owner(updates - 1)) == Strings{"192.0.2.1"});
}

TEST_CASE("pipelined updates of a zone with inline-signing") {
  const Named named(signed_zone(true));
  flood_and_compare(named, size_from_environment("RONDA_FLOOD_UPDATES", 100));
}

TEST_CASE("pipelined updates of a zone that is signed in place") {
  const Named named(signed_zone(false));
  flood_and_compare(named, size_from_environment("RONDA_FLOOD_UPDATES", 100));
}

// GL #5817: crashed in ISC's notes when update-policy was configured anew under updates.
TEST_CASE("update-policy is configured anew under pipelined updates") {
  NamedOptions options = signed_zone(false);
  options.control = true;
  const Named named(options);
  const std::string path = named.folder() + "/named.conf";
  const std::string config = read_file(path);
  const std::string grant = "grant ronda zonesub ANY;";
  std::string other = config;
  other.replace(other.find(grant), grant.size(), "grant ronda subdomain example.com. A;");
  int reconfigured = 0;
  std::string failure;
  {
    const std::jthread administrator([&](const std::stop_token& stop) {
      try {
        while (!stop.stop_requested()) {
          write_file(path, ++reconfigured % 2 == 0 ? config : other);
          named.rndc({"reconfig"});
        }
      } catch (const std::exception& error) {
        failure = error.what();
      }
    });
    flood_and_compare(named, size_from_environment("RONDA_FLOOD_UPDATES", 100));
  }
  CHECK(failure.empty());
  WARN("update-policy configured anew " << reconfigured << " times meanwhile");
  CHECK(reconfigured > 1);
  CHECK(named.lookup("ns.example.com") == Strings{"127.0.0.1"});
}

}  // namespace
}  // namespace ronda::test
