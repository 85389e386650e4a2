#include "agent/run/probe_runner.hpp"

#include <algorithm>
#include <utility>

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;
constexpr net::Duration kSpreadMost = 10s;

}  // namespace

ProbeRunner::ProbeRunner(net::Loop& loop, net::Random& random, net::CurlMulti& curl,
                         net::TlsContexts& tls, std::size_t concurrency, OnResults on_results)
    : loop_(loop),
      random_(random),
      engines_{.loop = loop, .curl = curl, .tls = tls},
      concurrency_(concurrency),
      on_results_(std::move(on_results)) {}

void ProbeRunner::start(const ProbeTable& table, bool spread) {
  stop_all();
  table_ = &table;
  schedule_ = std::make_unique<Schedule>(random_, loop_.now());
  for (std::size_t id = 0; id < table.size(); ++id) {
    const ProbeEntry& entry = table.at(id);
    const net::Duration width =
        spread ? std::min(entry.check.timing.interval, kSpreadMost) : net::Duration(0);
    schedule_->add(id, entry.key, width, loop_.now());
  }
  arm();
}

void ProbeRunner::next(std::size_t probe, net::Duration interval) {
  schedule_->finished(probe, interval, loop_.now());
}

void ProbeRunner::stop(std::size_t probe) {
  schedule_->remove(probe);
}

void ProbeRunner::stop_all() {
  timer_.reset();
  turn_.reset();
  finished_.clear();
  running_.clear();
  waiting_.clear();
  schedule_.reset();
}

void ProbeRunner::arm() {
  if (!schedule_) {
    return;
  }
  const auto due = schedule_->next_due();
  if (!due) {
    timer_.reset();
    return;
  }
  timer_ = loop_.at(*due, [this] { wake(); });
}

void ProbeRunner::wake() {
  for (const std::size_t probe : schedule_->take_due(loop_.now())) {
    if (running_.size() < concurrency_) {
      launch(probe);
    } else {
      waiting_.push_back(probe);
    }
  }
  arm();
}

void ProbeRunner::launch(std::size_t probe) {
  const MemberCheck& check = table_->at(probe).check;
  running_[probe] = probes::start_probe(
      engines_, check.spec, check.endpoint,
      [this, probe](const probes::ProbeResult& result) { finish(probe, result); });
}

void ProbeRunner::finish(std::size_t probe, probes::ProbeResult result) {
  // The handle's owner is calling us: it goes when this call is over.
  const auto keep = running_.extract(probe);
  finished_.push_back({.probe = probe, .result = std::move(result)});
  if (turn_ == nullptr) {
    turn_ = loop_.at(loop_.now(), [this] { hand_over(); });
  }
}

void ProbeRunner::hand_over() {
  const net::Handle keep = std::move(turn_);  // it may be who calls
  if (finished_.empty()) {
    return;
  }
  on_results_(std::exchange(finished_, {}));
  while (schedule_ && !waiting_.empty() && running_.size() < concurrency_) {
    const std::size_t next_probe = waiting_.front();
    waiting_.pop_front();
    launch(next_probe);
  }
  arm();
}

}  // namespace ronda::agent
