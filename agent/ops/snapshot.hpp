// Everything a person or a script can be shown, as one immutable value made by the reconciler.
// Status, JSON, text output, exit codes and the control socket read this and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/tracker.hpp"
#include "agent/health/withheld.hpp"
#include "dnsupdate/update/outcome.hpp"
#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::agent {

enum class ServiceState : std::uint8_t { ok, degraded, down, unknown };
// What the last round did for a service; "skipped": a change is wanted but the mode or command
// forbids writing, or the zone could not be read.
enum class UpdateKind : std::uint8_t { applied, unchanged, conflict, rejected, unknown, skipped };
const char* to_string(ServiceState state);
const char* to_string(UpdateKind kind);
const char* to_string(WriteMode mode);

struct LastResult {
  std::string check{};
  probes::ProbeResult result{};
};

// What a report about a replica has said last; it judges nothing.
struct ReportStatus {
  std::string report{};  // "agent", "freshness"
  std::optional<probes::ProbeResult> last{};
};

struct ReplicaStatus {
  std::string replica{};
  std::string address{};
  HealthState state = HealthState::init;
  bool healthy = false;  // counts as one that can serve
  bool published = false;
  Withholding withheld{};            // healthy, but to be kept out of the answer
  Withholding waits{};               // to be kept out, and published until it may go
  std::string counter{};             // "2/3": passes towards rise or failures towards fall
  net::WallTime since{};             // of the state
  std::optional<LastResult> last{};  // of the check that decides the state
  // Of the others what somebody should look at: a WARN, and a failure that decides nothing.
  std::vector<LastResult> warnings{};
  std::vector<ReportStatus> reports{};
};

bool warns(const ReplicaStatus& replica);

struct UpdateStatus {
  UpdateKind kind = UpdateKind::unchanged;
  dnsupdate::Outcome outcome{};  // detail, rcode, server ...
};

struct ServiceStatus {
  std::string service{};
  std::string type{};  // "A", "AAAA", "A+AAAA", "none"
  WriteMode mode = WriteMode::enforce;
  ServiceState state = ServiceState::unknown;
  std::vector<std::string> published{};  // sorted, presentation form, foreign included
  std::vector<std::string> wanted{};
  std::vector<std::string> foreign{};
  std::vector<ReplicaStatus> replicas{};
  UpdateStatus update{};
  std::string reason{};               // one sentence: why wanted is what it is
  std::string error{};                // what could not be read or judged, or empty
  std::vector<std::string> alarms{};  // sentences: somebody must look, as at a duel; exit code 1
  std::string pending_text{};  // nsupdate commands of what was not sent (plan, observe), or empty
  int healthy = 0;
  int required = 1;  // min_healthy as a number
};

struct ZoneUpdate {
  std::string zone{};
  dnsupdate::MessageOutcome message{};
};

struct Snapshot {
  WriteMode mode = WriteMode::enforce;
  net::WallTime at{};
  std::vector<ServiceStatus> services{};
  std::vector<ZoneUpdate> updates{};  // one-shot: of this run; daemon: the latest of each zone
  std::vector<std::string> errors{};  // sentences; in JSON too
};

// Nagios: 0 all well and DNS as wanted; 1 something to look at; 2 below min_healthy, all down, or
// read but not written; 3 could not judge. Worst wins in the order 2, 3, 1, 0.
int exit_code(const Snapshot& snapshot);

}  // namespace ronda::agent
