#include "agent/run/schedule.hpp"

#include <algorithm>
#include <tuple>

namespace ronda::agent {
namespace {

constexpr net::Duration kTick = std::chrono::milliseconds(5);
constexpr std::int64_t kSlots = 4096;
constexpr double kJitter = 0.05;

// FNV-1a, finished with a mixer: keys that differ in their last octet only must not start together.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char c : text) {
    value ^= static_cast<std::uint8_t>(c);
    value *= 0x100000001b3U;
  }
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53U;
  return value ^ (value >> 33);
}

}  // namespace

Schedule::Schedule(net::Random& random, net::SteadyTime now)
    : random_(random), origin_(now), wheel_(static_cast<std::size_t>(kSlots)) {}

std::int64_t Schedule::tick_of(net::SteadyTime time) const {
  return time <= origin_ ? 0 : (time - origin_) / kTick;
}

std::vector<std::size_t>& Schedule::slot_of(std::int64_t tick) {
  return wheel_[static_cast<std::size_t>(tick % kSlots)];
}

void Schedule::plan(std::size_t id, net::SteadyTime due, net::SteadyTime now) {
  Entry& entry = entries_[id];
  // On a slot's beginning, so that one turn of the timer serves the whole slot.
  if (due > now) {
    due = origin_ + (tick_of(due - net::Duration(1)) + 1) * kTick;
  }
  // Never behind the cursor, where nobody looks any more.
  entry.due = std::max({due, now, origin_ + cursor_ * kTick});
  std::vector<std::size_t>& slot = slot_of(tick_of(entry.due));
  entry.position = slot.size();
  slot.push_back(id);
  ++planned_;
  if (planned_ == 1 || (next_ && entry.due < *next_)) {
    next_ = entry.due;
  }
}

void Schedule::unplan(std::size_t id) {
  Entry& entry = entries_[id];
  std::vector<std::size_t>& slot = slot_of(tick_of(entry.due));
  slot[entry.position] = slot.back();
  entries_[slot[entry.position]].position = entry.position;
  slot.pop_back();
  --planned_;
  if (next_ && entry.due <= *next_) {
    next_.reset();
  }
}

void Schedule::add(std::size_t id, std::string_view key, net::Duration spread,
                   net::SteadyTime now) {
  if (id >= entries_.size()) {
    entries_.resize(id + 1);
  }
  remove(id);
  entries_[id] = Entry{.present = true};
  // Short by one slot, since planning rounds up to the next.
  const auto width =
      static_cast<std::uint64_t>(std::max<net::Duration::rep>(0, (spread - kTick).count()));
  const std::uint64_t offset = width == 0 ? 0 : hash(key) % width;
  plan(id, now + net::Duration(static_cast<net::Duration::rep>(offset)), now);
}

void Schedule::remove(std::size_t id) {
  if (id >= entries_.size() || !entries_[id].present) {
    return;
  }
  if (!entries_[id].running) {
    unplan(id);
  }
  entries_[id] = Entry{};
}

std::vector<std::size_t> Schedule::take_due(net::SteadyTime now) {
  std::vector<std::size_t> taken;
  const std::int64_t last = std::max(cursor_, tick_of(now));
  // After a gap longer than the wheel every slot is looked at once.
  for (std::int64_t tick = std::max(cursor_, last - kSlots + 1); tick <= last; ++tick) {
    const std::vector<std::size_t>& slot = slot_of(tick);
    for (std::size_t i = 0; i < slot.size();) {
      const std::size_t id = slot[i];
      if (entries_[id].due > now) {
        ++i;
        continue;
      }
      unplan(id);  // moves the last one of the slot to i
      taken.push_back(id);
    }
  }
  cursor_ = last;
  std::ranges::sort(taken, {}, [&](std::size_t id) { return std::tuple(entries_[id].due, id); });
  for (const std::size_t id : taken) {
    Entry& entry = entries_[id];
    entry.running = true;
    entry.started_once = true;
    entry.planned = entry.due;
    entry.started = now;
  }
  return taken;
}

net::SteadyTime Schedule::next_after(const Entry& entry, net::Duration interval) {
  const double factor = 1.0 - kJitter + 2.0 * kJitter * random_.unit();
  const auto length = std::chrono::duration_cast<net::Duration>(interval * factor);
  const net::Duration late = entry.started - entry.planned;
  if (length <= net::Duration::zero() || late <= length / 2) {
    return entry.started + length;
  }
  // The beat nearest to one interval after the start: half to one and a half of it away.
  return entry.planned + (late + length / 2 + length - net::Duration(1)) / length * length;
}

void Schedule::finished(std::size_t id, net::Duration interval, net::SteadyTime now) {
  if (id >= entries_.size() || !entries_[id].present || !entries_[id].running) {
    return;
  }
  entries_[id].running = false;
  plan(id, next_after(entries_[id], interval), now);
}

void Schedule::hasten(std::size_t id, net::Duration interval, net::SteadyTime now) {
  if (id >= entries_.size() || !entries_[id].present) {
    return;
  }
  if (entries_[id].running || !entries_[id].started_once) {
    return;
  }
  unplan(id);
  plan(id, next_after(entries_[id], interval), now);
}

std::optional<net::SteadyTime> Schedule::next_due() const {
  if (planned_ == 0) {
    return std::nullopt;
  }
  if (next_) {
    return next_;
  }
  // Slot by slot from the cursor: the first that holds an entry of this turn of the wheel holds the
  // earliest, since a slot is later than the one before it.
  for (std::int64_t tick = cursor_; tick < cursor_ + kSlots; ++tick) {
    for (const std::size_t id : wheel_[static_cast<std::size_t>(tick % kSlots)]) {
      const net::SteadyTime due = entries_[id].due;
      if (tick_of(due) == tick && (!next_ || due < *next_)) {
        next_ = due;
      }
    }
    if (next_) {
      return next_;
    }
  }
  for (const Entry& entry : entries_) {
    if (entry.present && !entry.running && (!next_ || entry.due < *next_)) {
      next_ = entry.due;
    }
  }
  return next_;
}

}  // namespace ronda::agent
