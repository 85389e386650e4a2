// Who of a service's replicas is withheld for what reports say of them: an agent's word, a load
// over its mark, data behind that of the others. Only demotes, and reluctantly. Of a healthy one:
//
//   says                        | not in the zone, or out already | published
//   ----------------------------+---------------------------------+--------------------------------
//   a word: drained, refused    | out                             | out, one replica a turn
//   hot, its value at or        | out, while they are not the     | the same, and one replica in
//     above `high`              |   majority                      |   five minutes
//   hot, between the marks      | out, while they are not the     | stays
//                               |   majority                      |
//   stale, not the majority     | out                             | out, one replica in five
//                               |                                 |   minutes, while it is behind
//
//   - hot and stale are what samples say: three in a row pass a mark (one in a run that has no
//     more), and pass it back the same way below `low`. What one replica's leaving does to the
//     others the next samples tell, hence the five minutes. An agent's word hangs on nothing else
//   - the majority of which a load takes none is that of the healthy members of a tier (with
//     `apart` of one family): out are first those that were, then those that are not in the zone,
//     then published ones, of each the heaviest first. Of those that tell their stamp stale ones
//     that are the majority are right
//   - a report that is missing or older than its rule's `ttl` says nothing, and what was decided by
//     it ends. Nothing grows old while we slept ourselves
//   - a run that has one sample of each takes out one published replica, whatever is said
//
// The zone is the memory across restarts: one that is not published begins as withheld unless its
// first report is below `low`, or its stamp as good as the others'. How many must stay is the
// policy's to say. Pure: time comes in.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/health/gauge.hpp"
#include "agent/health/withheld.hpp"
#include "net/time.hpp"
#include "probes/result.hpp"

namespace ronda::agent {

struct MemberNow {
  bool healthy = false;
  bool published = false;
  bool drained = false;  // by its own checks: out, whatever is said here
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
  // We slept until now: reports do not grow old by that, and rows of samples begin anew.
  void forgive(net::SteadyTime now);
  // Goes on from the same service in another configuration, where the same is asked of the same
  // members and means the same.
  void carry(const Demotion& old);
  // Something was reported by `rule` about `member`, at whatever time.
  bool knows(std::size_t rule, std::size_t member) const {
    return gauges_[rule][member].report().has_value();
  }

 private:
  struct Wish {
    Withholding withholding{};
    double weight = 0;  // the heaviest goes first
    bool still = true;  // the last report says so, too: no mark that only holds on
  };
  // The last published replica that was taken out; its other addresses go with it.
  struct Turn {
    std::optional<net::SteadyTime> at{};
    std::string replica{};
  };
  // What a load counts the majority of.
  struct Group {
    std::size_t healthy = 0;
    std::size_t out = 0;
  };
  using GroupKey = std::pair<int, bool>;  // tier, and where families are apart whether it is IPv6

  bool fresh(std::size_t rule, std::size_t member, net::SteadyTime now) const {
    return gauges_[rule][member].fresh(rules_[rule].ttl, now);
  }
  GroupKey group_of(std::size_t member) const;
  std::optional<double> lag_of(std::size_t rule, std::size_t member, net::SteadyTime now) const;
  void judge_first(std::size_t rule, std::span<const MemberNow> members, net::SteadyTime now);
  bool majority_lags(std::size_t rule, std::span<const MemberNow> members,
                     net::SteadyTime now) const;
  void consider(Wish& wish, std::size_t rule, std::size_t member, net::SteadyTime now) const;
  // Of a published one: why it stays for now; empty: it may go.
  std::string turn_of_others(std::size_t member, Withheld kind, net::SteadyTime now) const;
  net::Duration pause_after(Withheld kind) const;
  void take_turn(std::size_t member, Withheld kind, net::SteadyTime now);
  void plan_next(net::SteadyTime now);

  std::vector<DemotionRule> rules_;
  std::vector<Member> members_;
  bool apart_;
  int samples_;
  std::vector<std::vector<Gauge>> gauges_{};  // [rule][member]
  std::vector<Withholding> withheld_{};
  std::vector<Withholding> waits_{};
  Turn last_word_{};
  Turn last_sample_{};
  std::optional<net::SteadyTime> last_seen_{};  // when anything was told or judged
  std::optional<net::SteadyTime> next_change_{};
};

}  // namespace ronda::agent
