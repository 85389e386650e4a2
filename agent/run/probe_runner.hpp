// Starts probes when they are due and hands back their results, those of one turn of the loop
// together, at most `concurrency` at once.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/run/probe_table.hpp"
#include "agent/run/reconciler.hpp"
#include "agent/run/schedule.hpp"
#include "net/curl_multi.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/tls_contexts.hpp"
#include "probes/probe.hpp"

namespace ronda::agent {

class ProbeRunner {
 public:
  using OnResults = std::function<void(std::vector<ProbeFinished> results)>;

  // `on_results` may call next() and stop(), nothing else of the runner.
  ProbeRunner(net::Loop& loop, net::Random& random, net::CurlMulti& curl, net::TlsContexts& tls,
              std::size_t concurrency, OnResults on_results);
  ProbeRunner(const ProbeRunner&) = delete;
  ProbeRunner& operator=(const ProbeRunner&) = delete;

  // From now on every probe of the table is run; first starts are spread when `spread` says so. The
  // table outlives the runner or the next start().
  void start(const ProbeTable& table, bool spread);
  // After a result: when the next round of that probe starts, counted from the start of this one.
  void next(std::size_t probe, net::Duration interval);
  void stop(std::size_t probe);
  // What has not been handed over is dropped.
  void stop_all();
  // Calls back as soon as nothing of past probes is under way any more.
  void when_left(std::function<void()> left) { probes::when_left(engines_, std::move(left)); }
  // Now, not at the end of the turn.
  void hand_over();
  // What passive checks wait for, kept over start() and stop_all().
  probes::Reports& reports() { return *engines_.reports; }

 private:
  void arm();
  void wake();
  void launch(std::size_t probe);
  void finish(std::size_t probe, probes::ProbeResult result);

  net::Loop& loop_;
  net::Random& random_;
  probes::Engines engines_;
  std::size_t concurrency_;
  OnResults on_results_;
  const ProbeTable* table_ = nullptr;
  std::unique_ptr<Schedule> schedule_{};
  std::map<std::size_t, net::Handle> running_{};
  std::deque<std::size_t> waiting_{};  // due, but `concurrency` are running
  net::Handle timer_{};
  std::vector<ProbeFinished> finished_{};  // in this turn
  net::Handle turn_{};
};

}  // namespace ronda::agent
