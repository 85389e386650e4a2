#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "dnsupdate/update/nudge.hpp"
#include "dnsupdate/update/update_job.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr net::Duration kReadRetry = milliseconds(200);
constexpr net::Duration kPollFirst = milliseconds(50);
constexpr net::Duration kPollLimit = seconds(5);
// A secondary that forwards updates shows them after the primary's notify-delay and a transfer.
constexpr net::Duration kTransferLimit = seconds(10);
constexpr net::Duration kNudgeLimit = seconds(2);
constexpr int kNudges = 3;
constexpr net::Duration kSlow = seconds(1);

bool only_removes(const RrsetChange& change) {
  return added_records(change).empty() && change.observed.key.type != RrType::NS &&
         change.observed.key.type != RrType::SOA;
}

bool is_denied(const Answer& answer) {
  return answer && answer->message.rcode() != Rcode::NOERROR;
}

}  // namespace

JobStep UpdateJob::judge_accepted(net::SteadyTime now) {
  const bool unread =
      std::any_of(fresh_.begin(), fresh_.end(), [](const ReadResult& result) { return !result; });
  if (unread && read_backs_ == 1) {
    return wait(now + kReadRetry);
  }
  const std::vector<std::size_t> doubtful = contradicted();
  if (doubtful.empty() && committed_ && !message_.visible_after) {
    message_.visible_after = now - accepted_at_;
  }
  if ((doubtful.empty() && still_nudged().empty()) || overtaken_) {
    return finish_accepted(now);
  }
  if (!committed_) {
    std::vector<RrSet> sets;
    for (const std::size_t index : doubtful) {
      RrSet set = changes_[index].wanted;
      set.key = changes_[index].observed.key;
      sets.push_back(std::move(set));
    }
    return ask(Stage::confirming,
               {exact_question(context_.zone, sets), keys_question(context_.zone)});
  }
  if (now < poll_until_) {
    return poll(now);
  }
  const bool may_nudge = signed_.value_or(true) && message_.nudges < kNudges;
  return may_nudge ? nudge(now) : finish_accepted(now);
}

JobStep UpdateJob::judge_confirmation(net::SteadyTime now) {
  const Answer& answer = *answers_.front();
  if (answer && answer->message.rcode() == Rcode::NOERROR) {
    committed_ = true;
    signed_ = has_keys(1);
    poll_until_ = accepted_at_ + (signed_.value_or(true) ? kPollLimit : kTransferLimit);
    poll_delay_ = kPollFirst;
    return poll(now);
  }
  const bool denied = is_denied(answer);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (!read(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::unknown, unread_detail(fresh_[i].error()));
    } else if (visible(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::applied);
    } else if (denied && only_removes(changes_[i])) {
      // The records were there by prerequisite, so the removal was no silent no-op.
      rrsets_[i].outcome =
          outcome(OutcomeKind::applied, "superseded: another writer has changed the records since");
    } else {
      rrsets_[i].outcome = outcome(OutcomeKind::unknown, denied_detail(i));
    }
  }
  return finish(now);
}

JobStep UpdateJob::poll(net::SteadyTime now) {
  const net::SteadyTime next = std::min(now + poll_delay_, poll_until_);
  poll_delay_ = poll_delay_ * 3 / 2;
  return wait(next);
}

JobStep UpdateJob::nudge(net::SteadyTime) {
  std::vector<RrsetChange> committed;
  for (const std::vector<std::size_t>& indices : {contradicted(), still_nudged()}) {
    for (const std::size_t index : indices) {
      committed.push_back(changes_[index]);
    }
  }
  Nudge messages = make_nudge(context_.zone, committed);
  nudge_back_ = std::move(messages.step_back);
  ++message_.nudges;
  return ask(Stage::nudging, {std::move(messages.step)});
}

JobStep UpdateJob::judge_nudge(net::SteadyTime) {
  if (is_denied(*answers_.front())) {
    overtaken_ = true;
    return read_back();
  }
  // Without an answer the step may have been made: the way back is safe, since it asks for it.
  return ask(Stage::nudging_back, {std::exchange(nudge_back_, {})});
}

JobStep UpdateJob::judge_nudge_back(net::SteadyTime now) {
  // Without an answer the next nudge finds out, by its prerequisites.
  overtaken_ = is_denied(*answers_.front());
  poll_until_ = now + kNudgeLimit;
  poll_delay_ = kPollFirst;
  return read_back();
}

JobStep UpdateJob::finish_accepted(net::SteadyTime now) {
  std::string hint;
  if (signed_ == false && message_.visible_after >= kSlow) {
    hint = context_.diagnosis.server + " showed the change only after " +
           net::format_duration(std::chrono::floor<milliseconds>(*message_.visible_after)) +
           ": it is probably a secondary that forwards updates; name the primary behind it";
  }
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (!read(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::unknown, unread_detail(fresh_[i].error()));
    } else if (visible(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::applied, hint);
    } else {
      rrsets_[i].outcome = outcome(OutcomeKind::unknown, invisible_detail(now));
    }
  }
  return finish(now);
}

// The way back of a nudge may be lost like the change itself, and the short TTL would stay.
std::vector<std::size_t> UpdateJob::still_nudged() const {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < fresh_.size(); ++i) {
    const std::uint32_t wanted = changes_[i].wanted.ttl;
    if (message_.nudges > 0 && read(i) && visible(i) && !changes_[i].wanted.empty() &&
        fresh_[i]->ttl != wanted && fresh_[i]->ttl == nudge_ttl(wanted)) {
      indices.push_back(i);
    }
  }
  return indices;
}

std::string UpdateJob::invisible_detail(net::SteadyTime now) const {
  const std::string& server = context_.diagnosis.server;
  const std::string after =
      net::format_duration(std::chrono::floor<milliseconds>(now - accepted_at_));
  if (overtaken_) {
    return server +
           " has committed the change, but another writer came after it: read the records again";
  }
  if (signed_ == false && serial_ && serial_ == first_serial_) {
    return server + " has committed the change but shows neither it nor a new serial after " +
           after + ": it is probably a secondary that forwards updates; name the primary behind it";
  }
  return server + " has committed the change but still answers otherwise after " + after +
         (message_.nudges > 0 ? " and " + std::to_string(message_.nudges) + " further changes"
                              : std::string()) +
         ": a wildcard above the name, DNS64, or a signed copy that lags (inline-signing; `rndc "
         "zonestatus` shows both serials)";
}

std::string UpdateJob::denied_detail(std::size_t index) const {
  const RrsetChange& change = changes_[index];
  const RrSet& found = *fresh_[index];
  const bool only_ours = std::all_of(found.data.begin(), found.data.end(), [&](const Rdata& rdata) {
    return change.wanted.contains(rdata);
  });
  if (only_ours && found.data.size() < change.wanted.data.size()) {
    return context_.diagnosis.server + " accepted the change (NOERROR) but holds " +
           std::to_string(found.data.size()) + " of the " +
           std::to_string(change.wanted.data.size()) + " records of " +
           change.observed.key.owner.to_string() + " " + to_string(change.observed.key.type) +
           ": update-policy limits their number (\"" + to_string(change.observed.key.type) +
           "(2)\") and drops the rest without a word, or another writer took them out at once";
  }
  return context_.diagnosis.server +
         " accepted the change (NOERROR) but the records are not so: another writer changed them "
         "at once";
}

}  // namespace ronda::dnsupdate
