#include "agent/health/demotion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace ronda::agent {
namespace {

constexpr net::Duration kPause = std::chrono::minutes(5);
constexpr double kLongestTold = 9e9;  // seconds
constexpr double kWordWeight = 1e9;   // an agent's word before any number
const std::string kStamp = "stamp";

std::string number_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), std::fabs(value) < 1e6 ? "%.4g" : "%.0f", value);
  return text.data();
}

const double* find_value(const probes::Reading& reading, const std::string& measure) {
  const auto found = std::ranges::find_if(reading.measures, [&](const probes::Measure& one) {
    return one.name == measure && one.part.empty();
  });
  return found == reading.measures.end() ? nullptr : &found->value;
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
      samples_(samples),
      gauges_(rules_.size(), std::vector<Gauge>(members_.size())),
      withheld_(members_.size()),
      waits_(members_.size()) {}

bool Demotion::fresh(std::size_t rule, const Gauge& gauge, net::SteadyTime now) const {
  return gauge.report && now - gauge.at < rules_[rule].ttl;
}

void Demotion::observe(std::size_t rule, std::size_t member, const probes::ProbeResult& result,
                       net::SteadyTime now) {
  Gauge& gauge = gauges_[rule][member];
  if (!fresh(rule, gauge, now)) {
    gauge = {};
  }
  const bool answered =
      result.verdict == probes::Verdict::pass || result.verdict == probes::Verdict::warn;
  if (!answered || result.reading.empty()) {
    for (auto& [measure, level] : gauge.levels) {
      level.over = level.under = 0;
    }
    return;
  }
  gauge.report = result.reading;
  gauge.at = now;
  ++gauge.samples;
  for (const Mark& mark : rules_[rule].marks) {
    const auto value = value_of(gauge, mark.measure, now);
    if (!value) {
      gauge.levels.erase(mark.measure);
      continue;
    }
    gauge.levels[mark.measure].value = *value;
    take(gauge.levels[mark.measure], *value >= mark.high, *value < mark.low);
  }
  if (rules_[rule].max_lag) {
    const auto lag = lag_of(rule, member, now);
    const bool behind_all = lag && *lag > *rules_[rule].max_lag;
    take(gauge.levels[kStamp], behind_all, !behind_all);
  }
}

void Demotion::take(Level& level, bool over, bool under) const {
  level.over = over ? level.over + 1 : 0;
  level.under = under ? level.under + 1 : 0;
  if (level.over >= samples_) {
    level.passed = true;
  }
  if (level.under >= samples_) {
    level.passed = false;
  }
}

// A value as it was told, or how fast the fastest of its counters has grown since the last report.
std::optional<double> Demotion::value_of(Gauge& gauge, const std::string& measure,
                                         net::SteadyTime now) {
  const double* told = find_value(*gauge.report, measure);
  std::optional<double> value = told != nullptr ? std::optional(*told) : std::nullopt;
  std::map<std::string, Gauge::Count> counts;
  for (const probes::Measure& one : gauge.report->measures) {
    if (one.name != measure || one.part.empty()) {
      continue;
    }
    counts[one.part] = {.value = one.value, .at = now};
    const auto before = gauge.counts.find(one.part);
    // A counter that has gone back began anew, at a time that nobody knows.
    if (before != gauge.counts.end() && one.value >= before->second.value &&
        now > before->second.at) {
      const double rate =
          (one.value - before->second.value) / net::to_seconds(now - before->second.at);
      value = std::max(value.value_or(0), rate);
    }
  }
  if (!counts.empty()) {
    gauge.counts = std::move(counts);
  }
  return value;
}

std::optional<double> Demotion::lag_of(std::size_t rule, std::size_t member,
                                       net::SteadyTime now) const {
  const Gauge& gauge = gauges_[rule][member];
  const double* mine = fresh(rule, gauge, now) ? find_value(*gauge.report, kStamp) : nullptr;
  if (mine == nullptr) {
    return std::nullopt;
  }
  double most = 0;
  for (const Gauge& other : gauges_[rule]) {
    const double* stamp = fresh(rule, other, now) ? find_value(*other.report, kStamp) : nullptr;
    if (stamp != nullptr) {
      most = std::max(most, behind(rules_[rule], *mine, *stamp));
    }
  }
  return most;
}

// The first report about one that is not in the zone, and every report of a run that has no second
// one: judged by itself, when those it is compared with have come, too.
void Demotion::judge_first(std::size_t rule, std::span<const MemberNow> members,
                           net::SteadyTime now) {
  for (std::size_t m = 0; m < members_.size(); ++m) {
    Gauge& gauge = gauges_[rule][m];
    const bool first = gauge.samples == 1 && !members[m].published;
    if (!fresh(rule, gauge, now) || (!first && samples_ > 1)) {
      continue;
    }
    if (const auto& most = rules_[rule].max_lag) {
      gauge.levels[kStamp].passed = lag_of(rule, m, now).value_or(0) > *most;
    }
    for (const Mark& mark : rules_[rule].marks) {
      const auto level = gauge.levels.find(mark.measure);
      if (first && level != gauge.levels.end()) {
        level->second.passed = level->second.value >= mark.low;
      }
    }
  }
}

bool Demotion::majority_lags(std::size_t rule, std::span<const MemberNow> members,
                             net::SteadyTime now) const {
  std::size_t reporting = 0;
  std::size_t lagging = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const Gauge& gauge = gauges_[rule][m];
    if (!members[m].healthy || !fresh(rule, gauge, now)) {
      continue;
    }
    ++reporting;
    const auto level = gauge.levels.find(kStamp);
    lagging += level != gauge.levels.end() && level->second.passed ? 1U : 0U;
  }
  return 2 * lagging > reporting;
}

// What one rule says about one member; the strongest of all rules stands.
void Demotion::consider(Wish& wish, std::size_t rule, std::size_t member,
                        net::SteadyTime now) const {
  const Gauge& gauge = gauges_[rule][member];
  if (!fresh(rule, gauge, now)) {
    return;
  }
  const auto offer = [&](Withheld kind, double weight, std::string why) {
    if (kind > wish.withholding.kind || (kind == wish.withholding.kind && weight > wish.weight)) {
      wish = {.withholding = {.kind = kind, .why = std::move(why)}, .weight = weight};
    }
  };
  const auto word = gauge.report->word.value_or(probes::AgentWord::up);
  if (word != probes::AgentWord::up) {
    offer(word == probes::AgentWord::down ? Withheld::refused : Withheld::drained, kWordWeight,
          "its agent says \"" + gauge.report->said + "\"");
  }
  for (const Mark& mark : rules_[rule].marks) {
    const auto level = gauge.levels.find(mark.measure);
    if (level != gauge.levels.end() && level->second.passed) {
      const bool still = level->second.value >= mark.high;
      offer(Withheld::hot, level->second.value / mark.high,
            mark.measure + " " + number_text(level->second.value) +
                (still ? " over " + number_text(mark.high)
                       : " not yet under " + number_text(mark.low)));
    }
  }
  const auto stamp = gauge.levels.find(kStamp);
  if (rules_[rule].max_lag && stamp != gauge.levels.end() && stamp->second.passed) {
    const double lag = lag_of(rule, member, now).value_or(0);
    offer(Withheld::stale, lag / std::max(*rules_[rule].max_lag, 1.0),
          lag_text(rules_[rule], lag) + " behind the newest, max_lag " +
              lag_text(rules_[rule], *rules_[rule].max_lag));
  }
}

void Demotion::judge(std::span<const MemberNow> members, net::SteadyTime now) {
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
  std::ranges::fill(waits_, Withholding());
  std::vector<std::size_t> waiting;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const bool was_withheld = withheld_[m].kind != Withheld::none;
    const bool takes_out = members[m].healthy && members[m].published && !was_withheld;
    if (wishes[m].withholding.kind != Withheld::none && takes_out) {
      waiting.push_back(m);
    } else {
      withheld_[m] = wishes[m].withholding;
    }
  }
  // Of equals the first in the configuration.
  std::ranges::sort(waiting, [&](std::size_t a, std::size_t b) {
    return wishes[a].weight != wishes[b].weight ? wishes[a].weight > wishes[b].weight : a < b;
  });
  bool somebody_waits = false;
  for (const std::size_t m : waiting) {
    Withholding& wish = wishes[m].withholding;
    const std::string stays = obstacle(m, wish.kind, members, now);
    if (stays.empty()) {
      withheld_[m] = wish;
      last_demotion_ = now;
      last_replica_ = members_[m].replica;
    } else {
      somebody_waits = true;
      waits_[m] = {.kind = wish.kind, .why = wish.why + "; " + stays};
    }
  }
  plan_next(somebody_waits, now);
}

std::string Demotion::obstacle(std::size_t member, Withheld kind,
                               std::span<const MemberNow> members, net::SteadyTime now) const {
  const bool paused = last_demotion_ && now - *last_demotion_ < kPause;
  if (paused) {
    // The other addresses of a replica go with it.
    if (members_[member].replica == last_replica_) {
      return "";
    }
    const bool one_shot = samples_ == 1;  // the next run has not heard of this one
    return (one_shot ? "one replica goes a run, this time "
                     : "one replica goes in five minutes, the last was ") +
           last_replica_;
  }
  if (kind != Withheld::hot) {
    return "";
  }
  std::size_t healthy = 0;
  std::size_t out = 1;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    healthy += members[m].healthy ? 1U : 0U;
    out += members[m].healthy && withheld_[m].kind != Withheld::none ? 1U : 0U;
  }
  return 2 * out <= healthy ? "" : "a load never takes the majority of the healthy";
}

void Demotion::plan_next(bool somebody_waits, net::SteadyTime now) {
  next_change_.reset();
  const auto consider_time = [&](net::SteadyTime time) {
    next_change_ = next_change_ ? std::min(*next_change_, time) : time;
  };
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    for (std::size_t m = 0; m < members_.size(); ++m) {
      if (withheld_[m].kind != Withheld::none && fresh(rule, gauges_[rule][m], now)) {
        consider_time(gauges_[rule][m].at + rules_[rule].ttl);
      }
    }
  }
  if (somebody_waits && last_demotion_ && now - *last_demotion_ < kPause) {
    consider_time(*last_demotion_ + kPause);
  }
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
      const auto known = std::ranges::find(old.rules_, rules_[rule]);
      if (known != old.rules_.end()) {
        gauges_[rule][m] =
            old.gauges_[static_cast<std::size_t>(known - old.rules_.begin())][before];
      }
    }
  }
  last_demotion_ = old.last_demotion_;
  last_replica_ = old.last_replica_;
}

}  // namespace ronda::agent
