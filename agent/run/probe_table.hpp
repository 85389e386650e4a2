// Every probe the configuration asks for, each once however many services share it, with its
// tracker and its latest result. It knows who is judged by which probe; it decides nothing. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/member_health.hpp"
#include "agent/health/tracker.hpp"
#include "agent/state/state_file.hpp"

namespace ronda::agent {

struct ProbeEntry {
  std::string key{};
  MemberCheck check{};
  Tracker tracker;
  std::optional<probes::ProbeResult> last{};
  std::size_t definite = 0;             // results of this run that were not UNKNOWN
  std::size_t unknown = 0;              // UNKNOWN results in a row
  std::size_t misses = 0;               // in a row, of a report: nothing was told
  std::uint64_t report = 0;             // the last word from outside that was counted
  std::vector<std::size_t> services{};  // who is judged by it
  struct Judged {
    std::size_t service = 0;
    std::size_t member = 0;
  };
  std::vector<Judged> members{};
  struct About {  // whom it is a report about, and by which rule
    std::size_t service = 0;
    std::size_t member = 0;
    std::size_t rule = 0;
  };
  std::vector<About> about{};  // not empty: it judges nobody
};

class ProbeTable {
 public:
  ProbeTable(const Config& config, net::SteadyTime now);

  std::size_t size() const { return entries_.size(); }
  ProbeEntry& at(std::size_t id) { return entries_[id]; }
  const ProbeEntry& at(std::size_t id) const { return entries_[id]; }
  // Probe ids of a member's checks, in config order.
  const std::vector<std::size_t>& ids(std::size_t service, std::size_t member) const {
    return ids_[service][member];
  }
  // Probe ids of a member's reports, parallel to its service's demotions.
  const std::vector<std::size_t>& report_ids(std::size_t service, std::size_t member) const {
    return report_ids_[service][member];
  }
  // Every report about the member has come or failed to once.
  bool reported(std::size_t service, std::size_t member) const;
  // ... and of those that are compared with each other every one about any of its members.
  bool comparable(const ServiceConfig& config, std::size_t service) const;
  // As Tracker::next_interval; reports come in one beat.
  net::Duration next_interval(std::size_t id, net::SteadyTime now) const;
  MemberHealth health(const ServiceConfig& config, std::size_t service, std::size_t member) const;
  // Has said what a one-shot run waits for: UP or DOWN after at least one answer, or three times in
  // a row that we could not ask; of a report one answer of any kind.
  bool settled(std::size_t id) const;
  // Takes over tracker and result of every probe that `old` has under the same key.
  void carry(const ProbeTable& old);
  void save(SavedState& state, net::SteadyTime now, net::WallTime wall) const;

 private:
  std::size_t add(const MemberCheck& check, std::size_t service, net::SteadyTime now);

  std::map<std::string, std::size_t> known_{};  // by key
  std::vector<ProbeEntry> entries_{};
  std::vector<std::vector<std::vector<std::size_t>>> ids_{};
  std::vector<std::vector<std::vector<std::size_t>>> report_ids_{};
};

// What a tracker starts from, given what the zone and a saved state say. A state saved longer ago
// than three intervals says nothing.
Seed choose_seed(const ProbeEntry& entry, bool published, const SavedState& saved,
                 net::WallTime wall);

}  // namespace ronda::agent
