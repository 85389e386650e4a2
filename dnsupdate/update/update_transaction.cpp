#include "dnsupdate/update/update_transaction.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

// What a primary would answer with NOERROR and not do.
std::string mistake_in(const RrsetChange& change) {
  constexpr std::uint32_t kTtlLimit = 0x7fff'ffff;  // RFC 2181 8
  const RrsetKey& key = change.observed.key;
  if (change.wanted.key != key) {
    return "the change of " + key.owner.to_string() + " " + to_string(key.type) +
           " wants records of another RRset";
  }
  if (change.wanted.ttl > kTtlLimit) {
    return "a TTL of " + std::to_string(change.wanted.ttl) + " s for " + key.owner.to_string() +
           " is above 2147483647 s and would be stored as 0";
  }
  return {};
}

}  // namespace

UpdateTransaction::UpdateTransaction(UpdateContext context, std::vector<RrsetChange> changes,
                                     std::size_t size_limit)
    : context_(std::move(context)), changes_(std::move(changes)), size_limit_(size_limit) {}

Actions UpdateTransaction::step(const TransactionEvent& event, net::SteadyTime now) {
  Actions actions;
  std::visit(Overloaded{
                 [&](const Started&) { begin(actions, now); },
                 [&](const Answered& answered) {
                   const auto found = questions_.find(answered.id);
                   if (found == questions_.end()) {
                     return;
                   }
                   const auto [job, slot] = found->second;
                   questions_.erase(found);
                   Running& running = jobs_.at(job);
                   take(job, running.job.answered(slot, answered.answer, now), actions, now);
                 },
                 [&](const Woken&) {
                   std::vector<JobId> due;
                   for (const auto& [id, running] : jobs_) {
                     if (running.wake_at && *running.wake_at <= now) {
                       due.push_back(id);
                     }
                   }
                   for (const JobId id : due) {
                     Running& running = jobs_.at(id);
                     running.wake_at.reset();
                     take(id, running.job.woken(now), actions, now);
                   }
                 },
             },
             event);
  conclude(actions);
  return actions;
}

void UpdateTransaction::begin(Actions& actions, net::SteadyTime now) {
  std::vector<std::size_t> effective;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const RrsetChange& change = changes_[i];
    report_.rrsets.push_back(
        {.key = change.observed.key,
         .outcome = {.kind = OutcomeKind::unchanged, .server = context_.diagnosis.server},
         .observed = change.observed});
    if (added_records(change).empty() && removed_records(change).empty()) {
      continue;
    }
    if (std::string mistake = mistake_in(change); !mistake.empty()) {
      Outcome& outcome = report_.rrsets.back().outcome;
      outcome.kind = OutcomeKind::rejected;
      outcome.detail = std::move(mistake);
      continue;
    }
    effective.push_back(i);
  }
  // Sizes add up: conditions concern one owner, and names are compressed against the zone only.
  const std::size_t empty_size = size_of({});
  std::vector<std::size_t> batch;
  std::size_t batch_size = empty_size;
  for (const std::vector<std::size_t>& group : by_owner(effective)) {
    const std::size_t group_size = size_of(group) - empty_size;
    if (!batch.empty() && (batch_size > size_limit_ || group_size > size_limit_ - batch_size)) {
      launch(std::exchange(batch, {}), actions, now);
      batch_size = empty_size;
    }
    batch.insert(batch.end(), group.begin(), group.end());
    batch_size += group_size;
  }
  if (!batch.empty()) {
    launch(std::move(batch), actions, now);
  }
}

std::vector<std::vector<std::size_t>> UpdateTransaction::by_owner(
    const std::vector<std::size_t>& indices) const {
  std::map<Name, std::size_t> places;
  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t index : indices) {
    const auto [place, is_new] =
        places.try_emplace(changes_[index].observed.key.owner, groups.size());
    if (is_new) {
      groups.emplace_back();
    }
    groups[place->second].push_back(index);
  }
  return groups;
}

std::size_t UpdateTransaction::size_of(const std::vector<std::size_t>& indices) const {
  std::vector<RrsetChange> changes;
  for (const std::size_t index : indices) {
    changes.push_back(changes_[index]);
  }
  const auto octets = write_message(update_message(context_.zone, changes));
  return octets ? octets->size() : std::numeric_limits<std::size_t>::max();
}

void UpdateTransaction::launch(std::vector<std::size_t> indices, Actions& actions,
                               net::SteadyTime now) {
  std::vector<RrsetChange> changes;
  for (const std::size_t index : indices) {
    changes.push_back(changes_[index]);
  }
  const JobId id = next_job_++;
  const auto place = jobs_
                         .emplace(id, Running{.job = UpdateJob(context_, std::move(changes)),
                                              .indices = std::move(indices)})
                         .first;
  take(id, place->second.job.start(now), actions, now);
}

void UpdateTransaction::take(JobId id, JobStep step, Actions& actions, net::SteadyTime now) {
  Running& running = jobs_.at(id);
  for (std::size_t slot = 0; slot < step.questions.size(); ++slot) {
    questions_.emplace(next_question_, std::pair(id, slot));
    actions.questions.push_back({.id = next_question_, .message = std::move(step.questions[slot])});
    ++next_question_;
  }
  if (step.wake_at) {
    running.wake_at = step.wake_at;
  }
  if (running.job.state() == JobState::running) {
    return;
  }
  const Running done = std::move(running);
  jobs_.erase(id);
  report_.messages.push_back(done.job.message());
  if (done.job.state() == JobState::split) {
    split(done, actions, now);
    return;
  }
  for (std::size_t i = 0; i < done.indices.size(); ++i) {
    report_.rrsets[done.indices[i]] = done.job.rrsets()[i];
  }
}

void UpdateTransaction::split(const Running& parent, Actions& actions, net::SteadyTime now) {
  for (std::vector<std::size_t>& group : by_owner(parent.indices)) {
    launch(std::move(group), actions, now);
  }
}

void UpdateTransaction::conclude(Actions& actions) {
  if (jobs_.empty()) {
    if (!reported_) {
      reported_ = true;
      actions.report = std::move(report_);
    }
    return;
  }
  for (const auto& [id, running] : jobs_) {
    if (running.wake_at && (!actions.wake_at || *running.wake_at < *actions.wake_at)) {
      actions.wake_at = running.wake_at;
    }
  }
}

}  // namespace ronda::dnsupdate
