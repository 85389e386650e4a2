#include "agent/health/gauge.hpp"

#include <algorithm>

namespace ronda::agent {

void Level::take(bool is_over, bool is_under, int samples) {
  over = is_over ? over + 1 : 0;
  under = is_under ? under + 1 : 0;
  if (over >= samples) {
    passed = true;
  }
  if (under >= samples) {
    passed = false;
  }
}

bool Gauge::take(const probes::ProbeResult& result, net::Duration ttl, net::SteadyTime now) {
  if (!fresh(ttl, now)) {
    *this = {};
  }
  asked_ = true;
  const bool answered =
      result.verdict == probes::Verdict::pass || result.verdict == probes::Verdict::warn;
  if (!answered || result.reading.empty()) {
    break_rows();
    return false;
  }
  report_ = result.reading;
  count(now - at_);
  at_ = now;
  held_ = {};
  ++reports_;
  return true;
}

void Gauge::count(net::Duration since_before) {
  std::map<std::pair<std::string, std::string>, Count> counts;
  for (const probes::Measure& one : report_->measures) {
    if (one.part.empty()) {
      continue;
    }
    Count& made = counts[{one.name, one.part}] = {.value = one.value};
    const auto before = counts_.find({one.name, one.part});
    // A counter that has gone back began anew, at a time that nobody knows.
    if (before != counts_.end() && one.value >= before->second.value &&
        since_before > net::Duration::zero()) {
      made.rate = (one.value - before->second.value) / net::to_seconds(since_before);
    }
  }
  counts_ = std::move(counts);
}

std::optional<double> Gauge::value_of(const std::string& measure) const {
  std::optional<double> value;
  for (const probes::Measure& one : report_->measures) {
    if (one.name != measure) {
      continue;
    }
    const auto told =
        one.part.empty() ? std::optional(one.value) : counts_.at({measure, one.part}).rate;
    value = told ? std::max(value.value_or(*told), *told) : value;
  }
  return value;
}

const Level* Gauge::find_level(const std::string& name) const {
  const auto found = levels_.find(name);
  return found == levels_.end() ? nullptr : &found->second;
}

void Gauge::break_rows() {
  for (auto& [name, level] : levels_) {
    level.break_row();
  }
}

}  // namespace ronda::agent
