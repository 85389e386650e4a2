// What the reports of one rule about one member have come to: the last one, how fast its counters
// grow, and which marks were passed by samples in a row. Pure: time comes in.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::agent {

// Passed by `samples` in a row that are over it, and passed back by as many that are under it.
struct Level {
  int over = 0;
  int under = 0;
  bool passed = false;
  double value = 0;

  void take(bool is_over, bool is_under, int samples);
  void break_row() { over = under = 0; }
};

class Gauge {
 public:
  // False: nothing was told. `ttl`: what is older says nothing, and what follows it begins anew.
  bool take(const probes::ProbeResult& result, net::Duration ttl, net::SteadyTime now);
  // Every row of samples begins anew; what has been passed stays so.
  void break_rows();
  // For as long as we slept ourselves a report does not grow old.
  void forgive(net::Duration gap) { held_ += gap; }

  bool fresh(net::Duration ttl, net::SteadyTime now) const { return report_ && now < expires(ttl); }
  net::SteadyTime expires(net::Duration ttl) const { return at_ + held_ + ttl; }
  // Something was reported, at whatever time.
  const std::optional<probes::Reading>& report() const { return report_; }
  // The question was put once; it may have got no answer.
  bool asked() const { return asked_; }
  bool first_report() const { return reports_ == 1; }

  // As it was told, or how fast the fastest of its counters has grown since the report before.
  std::optional<double> value_of(const std::string& measure) const;
  Level& level(const std::string& name) { return levels_[name]; }
  const Level* find_level(const std::string& name) const;
  void forget_level(const std::string& name) { levels_.erase(name); }

  bool compared = false;  // with what the others told, since it began to tell

 private:
  struct Count {
    double value = 0;
    std::optional<double> rate{};  // a second, since the report before
  };
  void count(net::Duration since_before);

  std::optional<probes::Reading> report_{};
  net::SteadyTime at_{};
  net::Duration held_{};
  bool asked_ = false;
  std::size_t reports_ = 0;
  std::map<std::string, Level> levels_{};                          // by measure
  std::map<std::pair<std::string, std::string>, Count> counts_{};  // by measure and part
};

}  // namespace ronda::agent
