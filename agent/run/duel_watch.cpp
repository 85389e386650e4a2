#include "agent/run/duel_watch.hpp"

#include <algorithm>
#include <cstddef>
#include <set>

namespace ronda::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kUndoneLimit = 3;
constexpr net::Duration kWindow = 10min;
constexpr net::Duration kTruce = 10min;
constexpr net::Duration kHealthRemoval = 1min;

bool contains(std::span<const net::IpAddress> addresses, const net::IpAddress& address) {
  return std::ranges::find(addresses, address) != addresses.end();
}

// With an addition held back the removals beside it may go too far.
void keep_floor(std::set<net::IpAddress>& result, const DuelQuestion& question) {
  int left = 0;
  int now_there = 0;
  for (const net::IpAddress& address : question.ours) {
    left += result.contains(address) ? 1 : 0;
    now_there += contains(question.there, address) ? 1 : 0;
  }
  if (left < std::min(std::max(1, question.required), now_there)) {
    for (const net::IpAddress& address : question.ours) {
      if (contains(question.there, address)) {
        result.insert(address);
      }
    }
  }
  if (result.empty()) {
    result.insert(question.there.begin(), question.there.end());
  }
}

}  // namespace

void DuelWatch::wrote(const net::IpAddress& address, bool present, net::SteadyTime now) {
  Record& record = records_[address];
  record.written = present;
  if (!present) {
    record.removed_at = now;
  }
}

std::vector<Duel> DuelWatch::observe(std::span<const net::IpAddress> there, net::SteadyTime now) {
  std::vector<Duel> begun;
  for (auto& [address, record] : records_) {
    std::erase_if(record.undone, [now](net::SteadyTime at) { return at + kWindow <= now; });
    const bool present = contains(there, address);
    if (!record.written || *record.written == present) {
      continue;
    }
    record.written.reset();
    record.rival_wants = present;
    record.undone.push_back(now);
    const bool at_peace = !record.until || *record.until <= now;
    if (at_peace && record.undone.size() >= kUndoneLimit) {
      record.until = now + kTruce;
      begun.push_back({.address = address,
                       .undone = static_cast<int>(record.undone.size()),
                       .present = present,
                       .until = *record.until});
    }
  }
  std::erase_if(records_, [now](const auto& entry) {
    const Record& record = entry.second;
    return !record.written && record.undone.empty() && (!record.until || *record.until <= now);
  });
  return begun;
}

DuelAnswer DuelWatch::restrain(const DuelQuestion& question, net::SteadyTime now) const {
  DuelAnswer answer;
  std::set<net::IpAddress> result(question.wanted.begin(), question.wanted.end());
  bool addition_held = false;
  for (const auto& [address, record] : records_) {
    const bool wanted = contains(question.wanted, address);
    if (!record.until || *record.until <= now || wanted == contains(question.there, address)) {
      continue;
    }
    net::SteadyTime free_at = *record.until;
    if (wanted) {
      result.erase(address);
      addition_held = true;
    } else {
      if (contains(question.sick, address) && record.removed_at) {
        free_at = std::min(free_at, *record.removed_at + kHealthRemoval);
      }
      if (free_at <= now) {
        continue;
      }
      result.insert(address);
    }
    answer.again_at = answer.again_at ? std::min(*answer.again_at, free_at) : free_at;
  }
  if (addition_held) {
    keep_floor(result, question);
  }
  answer.wanted.assign(result.begin(), result.end());
  return answer;
}

std::vector<Duel> DuelWatch::duels(net::SteadyTime now) const {
  std::vector<Duel> found;
  for (const auto& [address, record] : records_) {
    if (record.until && *record.until > now) {
      found.push_back({.address = address,
                       .undone = static_cast<int>(record.undone.size()),
                       .present = record.rival_wants,
                       .until = *record.until});
    }
  }
  return found;
}

}  // namespace ronda::agent
