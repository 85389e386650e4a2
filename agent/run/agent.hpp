// The shell around the reconciler: borrows a loop, runs the probes it asks for, reads and writes
// zones, saves state. Serves `run`, `check` and `plan`; what differs is in Options.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/ops/log.hpp"
#include "agent/ops/snapshot.hpp"
#include "agent/run/reconciler.hpp"
#include "agent/state/state_file.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/worker.hpp"
#include "probes/passive.hpp"

namespace ronda::agent {

struct AgentOptions {
  Purpose purpose = Purpose::daemon;
  std::vector<std::string> services{};  // ids; empty: all. One-shot only.
  std::size_t concurrency = 256;        // probes at once
};

// A word from outside for passive checks, and who says it.
struct ReportRequest {
  std::string name{};  // SERVICE/REPLICA, wildcards allowed
  probes::Word word{};
  std::string uid{};
};

class Agent {
 public:
  // Everything borrowed outlives the agent. `saved` is the state found in state_dir, or empty.
  Agent(net::Loop& loop, net::Random& random, net::Worker& worker, Log& log, Config config,
        SavedState saved, AgentOptions options);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // `on_settled` is called once, when a one-shot run has nothing more to do; never for a daemon.
  void start(std::function<void()> on_settled);
  // After on_settled: calls back when every server has been said goodbye to and every program that
  // was too late is gone, a little over two seconds later at the latest. Whoever ends the loop
  // sooner leaves errors in logs, and kills what would have cleaned up.
  void when_left(std::function<void()> left);
  // Goes on with a new configuration: equal probes keep their state, nothing is written because of
  // the reload alone.
  void reload(Config config);
  // Each replica that is named hears it at once, as one verdict. Their names, or a sentence.
  std::expected<std::vector<std::string>, std::string> report(const ReportRequest& request);
  Snapshot snapshot() const;
  struct Progress {
    std::size_t judged = 0;  // probes with a solid verdict
    std::size_t probes = 0;
  };
  Progress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ronda::agent
