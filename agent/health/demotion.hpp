// Who of a service's replicas is withheld for what reports say of them: an agent's word, a load
// over its mark, data behind that of the others. Only demotes, and reluctantly:
//
//   - a mark is passed by three samples in a row (one for `check`, which has no more), and passed
//     back the same way below `low`
//   - at most one replica in five minutes is taken out: the next sample tells what that did to the
//     others. Whoever is not in the zone is kept out without that, as it takes nobody out.
//   - a load never takes the majority of the healthy, and stale ones that are the majority are
//   right
//   - a report that is missing or older than its rule's `ttl` says nothing, and what was decided by
//     it ends
//
// The zone is the memory across restarts: one that is not published begins as withheld unless its
// first report is below `low`. How many must stay is the policy's to say. Pure: time comes in.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/withheld.hpp"
#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::agent {

struct MemberNow {
  bool healthy = false;
  bool published = false;
};

class Demotion {
 public:
  // `samples`: in a row, to pass a mark.
  Demotion(const ServiceConfig& service, int samples);

  // What the report of `rule` about `member` has come to.
  void observe(std::size_t rule, std::size_t member, const probes::ProbeResult& result,
               net::SteadyTime now);
  // Decides anew. `members[i]` belongs to the service's member i.
  void judge(std::span<const MemberNow> members, net::SteadyTime now);
  const Withholding& of(std::size_t member) const { return withheld_[member]; }
  // What would be withheld if it could go at once: `why` ends with what it waits for.
  const Withholding& waits(std::size_t member) const { return waits_[member]; }
  // When time alone can change what judge() says.
  std::optional<net::SteadyTime> next_change() const { return next_change_; }
  // Goes on from the same service in another configuration, where rules and members are the same.
  void carry(const Demotion& old);
  // Something was reported by `rule` about `member`, at whatever time.
  bool knows(std::size_t rule, std::size_t member) const {
    return gauges_[rule][member].report.has_value();
  }

 private:
  struct Level {
    int over = 0;  // samples in a row
    int under = 0;
    bool passed = false;
    double value = 0;
  };
  // One rule about one member.
  struct Gauge {
    std::optional<probes::Reading> report{};
    net::SteadyTime at{};
    std::size_t samples = 0;
    std::map<std::string, Level> levels{};  // by measure
    struct Count {
      double value = 0;
      net::SteadyTime at{};
    };
    std::map<std::string, Count> counts{};  // by part; one measure counts
  };
  struct Wish {
    Withholding withholding{};
    double weight = 0;  // the heaviest goes first
  };

  bool fresh(std::size_t rule, const Gauge& gauge, net::SteadyTime now) const;
  static std::optional<double> value_of(Gauge& gauge, const std::string& measure,
                                        net::SteadyTime now);
  std::optional<double> lag_of(std::size_t rule, std::size_t member, net::SteadyTime now) const;
  void take(Level& level, bool over, bool under) const;
  void judge_first(std::size_t rule, std::span<const MemberNow> members, net::SteadyTime now);
  bool majority_lags(std::size_t rule, std::span<const MemberNow> members,
                     net::SteadyTime now) const;
  void consider(Wish& wish, std::size_t rule, std::size_t member, net::SteadyTime now) const;
  // Why it stays for now; empty: it may go.
  std::string obstacle(std::size_t member, Withheld kind, std::span<const MemberNow> members,
                       net::SteadyTime now) const;
  void plan_next(bool somebody_waits, net::SteadyTime now);

  std::vector<DemotionRule> rules_;
  std::vector<Member> members_;
  int samples_;
  std::vector<std::vector<Gauge>> gauges_{};  // [rule][member]
  std::vector<Withholding> withheld_{};
  std::vector<Withholding> waits_{};
  std::optional<net::SteadyTime> last_demotion_{};
  std::string last_replica_{};
  std::optional<net::SteadyTime> next_change_{};
};

}  // namespace ronda::agent
