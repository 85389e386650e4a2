#include "agent/health/demotion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <tuple>
#include <utility>

#include "agent/health/probe_key.hpp"

namespace ronda::agent {
namespace {

constexpr net::Duration kPause = std::chrono::minutes(5);
constexpr net::Duration kTurn = std::chrono::milliseconds(100);  // as one UPDATE after the other
constexpr double kLongestTold = 9e9;                             // seconds
const std::string kStamp = "stamp";

std::string number_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), std::fabs(value) < 1e6 ? "%.4g" : "%.0f", value);
  return text.data();
}

// How far `mine` is behind `other`; serial numbers wrap (RFC 1982).
double behind(const DemotionRule& rule, double mine, double other) {
  if (!rule.wraps) {
    return other - mine;
  }
  const auto difference = static_cast<std::uint32_t>(static_cast<std::uint64_t>(other)) -
                          static_cast<std::uint32_t>(static_cast<std::uint64_t>(mine));
  return static_cast<double>(static_cast<std::int32_t>(difference));
}

std::string lag_text(const DemotionRule& rule, double lag) {
  if (!rule.in_seconds) {
    return number_text(lag);
  }
  // A stamp may be of any year, and what a duration holds ends after 292 of them.
  const double seconds = std::min(std::ceil(lag), kLongestTold);
  return (seconds < lag ? "more than " : "") +
         net::format_duration(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

Demotion::Demotion(const ServiceConfig& service, int samples)
    : rules_(service.demotions),
      members_(service.members),
      apart_(service.families_apart),
      samples_(samples),
      gauges_(rules_.size(), std::vector<Gauge>(members_.size())),
      withheld_(members_.size()),
      waits_(members_.size()) {}

void Demotion::observe(std::size_t rule, std::size_t member, const probes::ProbeResult& result,
                       net::SteadyTime now) {
  last_seen_ = now;
  Gauge& gauge = gauges_[rule][member];
  if (!gauge.take(result, rules_[rule].ttl, now)) {
    return;
  }
  for (const Mark& mark : rules_[rule].marks) {
    const auto value = gauge.value_of(mark.measure);
    if (!value) {
      gauge.forget_level(mark.measure);
      continue;
    }
    Level& level = gauge.level(mark.measure);
    level.value = *value;
    level.take(*value >= mark.high, *value < mark.low, samples_);
  }
  if (const auto& most = rules_[rule].max_lag) {
    const auto lag = lag_of(rule, member, now);
    gauge.level(kStamp).take(lag && *lag > *most, lag && *lag <= *most, samples_);
  }
}

// Behind the newest of the others; nothing where nobody else tells.
std::optional<double> Demotion::lag_of(std::size_t rule, std::size_t member,
                                       net::SteadyTime now) const {
  const auto stamp_of = [&](std::size_t m) {
    return fresh(rule, m, now) ? gauges_[rule][m].value_of(kStamp) : std::nullopt;
  };
  const auto mine = stamp_of(member);
  std::optional<double> most;
  for (std::size_t m = 0; mine && m < members_.size(); ++m) {
    const auto other = m == member ? std::nullopt : stamp_of(m);
    if (other) {
      most = std::max(most.value_or(0), behind(rules_[rule], *mine, *other));
    }
  }
  return most;
}

// One that is not in the zone by its first report, and where stamps are compared, by the first look
// at all of them; in a run of one sample everybody.
void Demotion::judge_first(std::size_t rule, std::span<const MemberNow> members,
                           net::SteadyTime now) {
  const bool all_asked = std::ranges::all_of(gauges_[rule], &Gauge::asked);
  for (std::size_t m = 0; m < members_.size(); ++m) {
    Gauge& gauge = gauges_[rule][m];
    if (!fresh(rule, m, now)) {
      continue;
    }
    const bool outside = !members[m].published;
    if (const auto& most = rules_[rule].max_lag;
        most && (samples_ == 1 || (outside && !gauge.compared))) {
      const auto lag = lag_of(rule, m, now);
      gauge.level(kStamp).passed = lag && *lag > *most;
      gauge.compared = lag && all_asked;
    }
    for (const Mark& mark : rules_[rule].marks) {
      if (outside && gauge.first_report() && gauge.find_level(mark.measure) != nullptr) {
        Level& level = gauge.level(mark.measure);
        level.passed = level.value >= mark.low;
      }
    }
  }
}

bool Demotion::majority_lags(std::size_t rule, std::span<const MemberNow> members,
                             net::SteadyTime now) const {
  std::size_t reporting = 0;
  std::size_t lagging = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (!members[m].healthy || !fresh(rule, m, now)) {
      continue;
    }
    ++reporting;
    const Level* level = gauges_[rule][m].find_level(kStamp);
    lagging += level != nullptr && level->passed ? 1U : 0U;
  }
  return 2 * lagging > reporting;
}

// What one rule says about one member; the strongest of all rules stands.
void Demotion::consider(Wish& wish, std::size_t rule, std::size_t member,
                        net::SteadyTime now) const {
  const Gauge& gauge = gauges_[rule][member];
  if (!fresh(rule, member, now)) {
    return;
  }
  const auto offer = [&](Withheld kind, double weight, bool still, std::string why) {
    if (kind > wish.withholding.kind || (kind == wish.withholding.kind && weight > wish.weight)) {
      wish = {
          .withholding = {.kind = kind, .why = std::move(why)}, .weight = weight, .still = still};
    }
  };
  const auto word = gauge.report()->word.value_or(probes::AgentWord::up);
  if (word != probes::AgentWord::up) {
    offer(word == probes::AgentWord::down ? Withheld::refused : Withheld::drained, 1, true,
          "its agent says \"" + gauge.report()->said + "\"");
  }
  for (const Mark& mark : rules_[rule].marks) {
    const Level* level = gauge.find_level(mark.measure);
    if (level != nullptr && level->passed) {
      const bool still = level->value >= mark.high;
      offer(Withheld::hot, level->value / mark.high, still,
            mark.measure + " " + number_text(level->value) +
                (still ? " over " + number_text(mark.high)
                       : " not yet under " + number_text(mark.low)));
    }
  }
  const Level* stamp = gauge.find_level(kStamp);
  if (const auto& most = rules_[rule].max_lag; most && stamp != nullptr && stamp->passed) {
    const double lag = lag_of(rule, member, now).value_or(0);
    offer(Withheld::stale, lag / std::max(*most, 1.0), lag > *most,
          lag_text(rules_[rule], lag) + " behind the newest, max_lag " +
              lag_text(rules_[rule], *most));
  }
}

Demotion::GroupKey Demotion::group_of(std::size_t member) const {
  return {members_[member].tier, apart_ && !members_[member].address.is_v4()};
}

void Demotion::judge(std::span<const MemberNow> members, net::SteadyTime now) {
  last_seen_ = now;
  std::vector<Wish> wishes(members_.size());
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    judge_first(rule, members, now);
    if (rules_[rule].max_lag && majority_lags(rule, members, now)) {
      continue;
    }
    for (std::size_t m = 0; m < members_.size(); ++m) {
      consider(wishes[m], rule, m, now);
    }
  }
  const auto before = std::exchange(withheld_, std::vector<Withholding>(members_.size()));
  std::ranges::fill(waits_, Withholding());
  // Out already, not in the zone, published: what takes nobody out comes first, and before the
  // loads, which look at how many are out, everything else. Of equals the first in the
  // configuration.
  const auto standing = [&](std::size_t m) {
    return before[m].kind != Withheld::none ? 0 : members[m].published ? 2 : 1;
  };
  std::map<GroupKey, Group> groups;
  std::vector<std::size_t> order;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    Group& group = groups[group_of(m)];
    group.healthy += members[m].healthy ? 1U : 0U;
    group.out += members[m].healthy && members[m].drained ? 1U : 0U;
    if (wishes[m].withholding.kind != Withheld::none) {
      order.push_back(m);
    }
  }
  std::ranges::sort(order, {}, [&](std::size_t m) {
    return std::tuple(wishes[m].withholding.kind == Withheld::hot, standing(m), -wishes[m].weight,
                      m);
  });
  for (const std::size_t m : order) {
    const auto& [wish, weight, still] = wishes[m];
    const bool leaves = standing(m) == 2;
    if (!members[m].healthy || members[m].drained || (leaves && !still)) {
      withheld_[m] = leaves ? Withholding() : wish;
      continue;
    }
    std::string stays = leaves ? turn_of_others(m, wish.kind, now) : "";
    Group& group = groups[group_of(m)];
    if (stays.empty() && wish.kind == Withheld::hot && 2 * (group.out + 1) > group.healthy) {
      stays = "a load never takes the majority of the healthy";
    }
    if (!stays.empty()) {
      waits_[m] = {.kind = wish.kind, .why = wish.why + "; " + stays};
      continue;
    }
    withheld_[m] = wish;
    ++group.out;
    if (leaves) {
      take_turn(m, wish.kind, now);
    }
  }
  plan_next(now);
}

// A run of one sample takes one out, whatever is said of it.
net::Duration Demotion::pause_after(Withheld kind) const {
  return leaves_tier(kind) && samples_ > 1 ? kTurn : kPause;
}

void Demotion::take_turn(std::size_t member, Withheld kind, net::SteadyTime now) {
  if (leaves_tier(kind) || samples_ == 1) {
    last_word_ = {.at = now, .replica = members_[member].replica};
  }
  if (!leaves_tier(kind) || samples_ == 1) {
    last_sample_ = {.at = now, .replica = members_[member].replica};
  }
}

std::string Demotion::turn_of_others(std::size_t member, Withheld kind, net::SteadyTime now) const {
  const Turn& last = leaves_tier(kind) ? last_word_ : last_sample_;
  const net::Duration pause = pause_after(kind);
  if (!last.at || now - *last.at >= pause || members_[member].replica == last.replica) {
    return "";
  }
  return (samples_ == 1    ? "one replica goes a run, this time "
          : pause == kTurn ? "one replica goes at a time, the last was "
                           : "one replica goes in five minutes, the last was ") +
         last.replica;
}

void Demotion::plan_next(net::SteadyTime now) {
  next_change_.reset();
  const auto consider_time = [&](net::SteadyTime time) {
    next_change_ = next_change_ ? std::min(*next_change_, time) : time;
  };
  for (std::size_t m = 0; m < members_.size(); ++m) {
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      if (withheld_[m].kind != Withheld::none && fresh(rule, m, now)) {
        consider_time(gauges_[rule][m].expires(rules_[rule].ttl));
      }
    }
    const Turn& last = leaves_tier(waits_[m].kind) ? last_word_ : last_sample_;
    const net::Duration pause = pause_after(waits_[m].kind);
    if (waits_[m].kind != Withheld::none && last.at && now - *last.at < pause) {
      consider_time(*last.at + pause);
    }
  }
}

void Demotion::forgive(net::SteadyTime now) {
  if (!last_seen_) {
    return;
  }
  const net::Duration gap = now - *last_seen_;
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    for (std::size_t m = 0; m < members_.size(); ++m) {
      if (fresh(rule, m, *last_seen_)) {
        gauges_[rule][m].forgive(gap);
      }
      gauges_[rule][m].break_rows();
    }
  }
  if (last_sample_.at) {
    *last_sample_.at += gap;
  }
  last_seen_ = now;
}

void Demotion::carry(const Demotion& old) {
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const auto same = std::ranges::find(old.members_, members_[m].address, &Member::address);
    if (same == old.members_.end()) {
      continue;
    }
    const auto before = static_cast<std::size_t>(same - old.members_.begin());
    withheld_[m] = old.withheld_[before];
    waits_[m] = old.waits_[before];
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      for (std::size_t known = 0; known < old.rules_.size(); ++known) {
        // Two rules that mean the same may ask for different things.
        if (old.rules_[known] == rules_[rule] &&
            probe_key(same->reports[known]) == probe_key(members_[m].reports[rule])) {
          gauges_[rule][m] = old.gauges_[known][before];
        }
      }
    }
  }
  last_word_ = old.last_word_;
  last_sample_ = old.last_sample_;
  last_seen_ = old.last_seen_;
}

}  // namespace ronda::agent
