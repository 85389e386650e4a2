// The heart of `run`, `check` and `plan`: verdicts and zone contents in, reads and writes out.
// Every round compares what is wanted with what was read; there is no queue of changes to lose.
// Pure: time comes in, actions go out, the shell (agent.cpp) does them. What differs between the
// three commands is who feeds it and whether it may write.
//
//   first read of every zone -> seeds -> probes -> verdicts -> health -> policy -> changes -> write
//   -> read-back -> observed; and again, every `reconcile`, a read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/decide/policy.hpp"
#include "agent/health/demotion.hpp"
#include "agent/ops/log.hpp"
#include "agent/ops/snapshot.hpp"
#include "agent/run/duel_watch.hpp"
#include "agent/run/probe_table.hpp"
#include "agent/state/state_file.hpp"
#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "net/time.hpp"

namespace ronda::agent {

enum class Purpose : std::uint8_t { daemon, check, plan };

// Events.
struct Tick {
  friend bool operator==(Tick, Tick) = default;
};
struct LoopGap {};  // we stood still for longer than two intervals
struct ProbeFinished {
  std::size_t probe = 0;
  probes::ProbeResult result{};
};
// Those of one turn of the loop, in their order. Each counts, and one decision follows from all:
// one apiece would look at every member of a service for each of them, and what dies together would
// leave the zone one by one.
struct ProbesFinished {
  std::vector<ProbeFinished> results{};
};
struct ZoneRead {
  std::size_t zone = 0;
  std::vector<dnsupdate::ReadResult> results{};  // in the order of ReadRrsets::keys
};
struct ZoneWritten {
  std::size_t zone = 0;
  std::uint64_t flight = 0;  // of the WriteRrsets
  dnsupdate::UpdateReport report{};
};
using Event = std::variant<Tick, LoopGap, ProbesFinished, ZoneRead, ZoneWritten>;

// Actions, to be done in order.
struct StartProbes {
  friend bool operator==(StartProbes, StartProbes) = default;
};
struct ReadRrsets {
  std::size_t zone = 0;
  std::vector<dnsupdate::RrsetKey> keys{};
  friend bool operator==(const ReadRrsets&, const ReadRrsets&) = default;
};
struct WriteRrsets {
  std::size_t zone = 0;
  std::uint64_t flight = 0;
  std::vector<dnsupdate::RrsetChange> changes{};
  friend bool operator==(const WriteRrsets&, const WriteRrsets&) = default;
};
struct SaveState {
  SavedState state{};
  friend bool operator==(const SaveState&, const SaveState&) = default;
};
struct Settled {  // one-shot: nothing more to do
  friend bool operator==(Settled, Settled) = default;
};
using Action = std::variant<StartProbes, ReadRrsets, WriteRrsets, SaveState, Settled, LogLine>;

class Reconciler {
 public:
  Reconciler(Config config, SavedState saved, Purpose purpose, net::SteadyTime now,
             net::WallTime wall);

  std::vector<Action> step(const Event& event, net::SteadyTime now, net::WallTime wall);
  // When a Tick is due at the latest; nothing: only events can move it.
  std::optional<net::SteadyTime> next_wakeup() const;

  // Goes on from a reconciler with another configuration: equal probes keep their state, addresses
  // that left the configuration are known as ours.
  void carry(const Reconciler& old);

  const Config& config() const { return config_; }
  const ProbeTable& probes() const { return probes_; }
  bool writing() const;
  Snapshot snapshot(net::WallTime wall) const;

 private:
  struct ServiceRound {
    std::vector<dnsupdate::RrsetKey> keys{};
    std::vector<dnsupdate::RrSet> observed{};  // parallel to keys, valid once `read`
    bool read = false;                         // read at least once
    std::string error{};                       // why the last read failed
    std::vector<MemberHealth> health{};
    std::optional<Demotion> demotion{};   // of a service with reports
    std::vector<Withholding> withheld{};  // by checks or reports, member by member
    std::optional<Decision> decision{};
    std::vector<net::IpAddress> retired{};  // ours by memory, no longer configured
    UpdateStatus update{};
    std::string pending_text{};
    std::optional<net::SteadyTime> due{};  // a change waits to be written from then on
    std::optional<net::SteadyTime> blocked_until{};
    int failures = 0;        // writes in a row that did not succeed
    bool in_flight = false;  // one of its changes is on its way
    DuelWatch duels{};
    std::vector<net::IpAddress> target{};  // the decision's wanted, as far as duels let us write it
    std::optional<net::SteadyTime> held_until{};  // ... and when they may let us write more
  };
  // One WriteRrsets that has not been answered.
  struct Flight {
    std::uint64_t id = 0;
    std::vector<std::size_t> services{};
    std::vector<dnsupdate::RrsetChange> changes{};
  };
  struct ZoneRound {
    std::vector<std::size_t> services{};
    bool reading = false;
    bool asked = false;  // the first read has been answered, well or not
    bool readable = false;
    int read_failures = 0;
    net::SteadyTime next_read{};
    // Reads beside the regular ones: what became of an update whose outcome is unknown may show
    // until its signature is too old to be carried out.
    std::set<net::SteadyTime> looks{};
    std::optional<net::SteadyTime> last_write{};
    std::vector<Flight> flights{};
    std::vector<ZoneUpdate> updates{};
  };

  bool one_shot() const { return purpose_ != Purpose::daemon; }
  bool may_write(const ServiceConfig& service) const;
  bool service_settled(std::size_t service) const;
  bool grace_over() const { return now_ >= grace_until_; }

  void on(const Tick&);
  void on(const LoopGap&);
  void on(const ProbesFinished& event);
  void on(const ZoneRead& event);
  void on(const ZoneWritten& event);

  // Counts it; adds the services it is news for. True when there is something to be saved.
  bool take(const ProbeFinished& one, std::set<std::size_t>& to_decide);
  void count_miss(ProbeEntry& entry);
  void retire(std::size_t service, std::vector<net::IpAddress> ours);
  void carry_withheld(std::size_t service, const Reconciler& old, std::size_t was);
  void observe_again(std::size_t service);
  void seed_probes();
  void refresh_health(std::size_t service);
  // True when something has changed that a decision depends on.
  bool refresh_health(std::size_t service, std::size_t member);
  void judge_reports(std::size_t service, std::span<const net::IpAddress> published_now);
  void reconsider(std::size_t service);
  void finish_write(std::size_t service, const dnsupdate::Outcome& outcome, std::size_t zone);
  void remember_written(const Flight& flight, const dnsupdate::UpdateReport& report);
  void watch_duels(std::size_t service);
  void restrain(std::size_t service);
  void look_again(std::size_t zone);
  net::Duration backoff(int failures) const;
  void drive();
  void drive_zone(std::size_t zone);
  bool waits_for_verdicts(const ZoneRound& zone) const;
  std::optional<net::SteadyTime> write_due_at(const ZoneRound& zone) const;
  bool may_go(const ServiceRound& round) const;
  void start_write(std::size_t zone);
  void settle();
  void save(bool changed);
  void log(LogLevel level, std::string event,
           std::vector<std::pair<std::string, std::string>> fields);
  void log_transition(std::size_t service, std::size_t member, HealthState from);
  void log_report(LogLevel level, const char* event, const ProbeEntry& entry);
  void log_withholding(const char* event, std::size_t service, std::size_t member,
                       const Withholding& withholding);
  void log_warnings(std::size_t service, std::size_t member, const MemberHealth& before);
  void log_duel(std::size_t service, const Duel& duel);
  std::string duel_text(std::size_t service, const Duel& duel) const;
  void log_update(std::size_t zone, const dnsupdate::MessageOutcome& message);
  std::vector<net::IpAddress> published(const ServiceRound& round) const;
  ServiceStatus status_of(std::size_t service) const;
  ReplicaStatus replica_status(std::size_t service, std::size_t member,
                               std::span<const net::IpAddress> published_now) const;
  net::WallTime wall_of(net::SteadyTime time) const { return anchor_wall_ + (time - anchor_); }

  Config config_;
  SavedState saved_;
  Purpose purpose_;
  ProbeTable probes_;
  std::vector<ServiceRound> services_{};
  std::vector<ZoneRound> zones_{};
  net::SteadyTime now_{};
  net::WallTime wall_{};
  net::SteadyTime anchor_{};
  net::WallTime anchor_wall_{};
  net::SteadyTime grace_until_{};
  net::Duration save_period_{};
  std::optional<net::SteadyTime> next_save_{};
  std::uint64_t next_flight_ = 0;
  bool started_ = false;  // probes are running
  bool settled_ = false;
  std::vector<Action> actions_{};
};

}  // namespace ronda::agent
