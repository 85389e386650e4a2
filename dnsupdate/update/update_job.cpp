#include "dnsupdate/update/update_job.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "dnsupdate/update/judge_answer.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr net::Duration kSecondLook = seconds(1);
constexpr net::Duration kReadRetry = milliseconds(200);
constexpr net::Duration kPollFirst = milliseconds(50);
constexpr net::Duration kPollLimit = seconds(5);

bool is_conflict(Rcode rcode) {
  return rcode == Rcode::NXRRSET || rcode == Rcode::YXRRSET || rcode == Rcode::NXDOMAIN ||
         rcode == Rcode::YXDOMAIN;
}

std::optional<std::uint32_t> serial_of(const Name& zone, const Answer& answer) {
  if (!answer) {
    return std::nullopt;
  }
  const ReadResult soa = judge_read({.owner = zone, .type = RrType::SOA}, answer->message, {});
  if (!soa || soa->data.size() != 1) {
    return std::nullopt;
  }
  const std::string& wire = soa->data.front().wire();
  if (wire.size() < 20) {
    return std::nullopt;
  }
  std::uint32_t serial = 0;
  for (std::size_t i = wire.size() - 20; i < wire.size() - 16; ++i) {
    serial = (serial << 8U) | static_cast<unsigned char>(wire[i]);
  }
  return serial;
}

bool only_removes(const RrsetChange& change) {
  return added_records(change).empty() && change.observed.key.type != RrType::NS &&
         change.observed.key.type != RrType::SOA;
}

}  // namespace

UpdateJob::UpdateJob(const UpdateContext& context, std::vector<RrsetChange> changes)
    : context_(context), changes_(std::move(changes)) {
  for (const RrsetChange& change : changes_) {
    rrsets_.push_back({.key = change.observed.key});
  }
  message_.owners = owners();
}

std::vector<Name> UpdateJob::owners() const {
  std::vector<Name> names;
  for (const RrsetChange& change : changes_) {
    if (std::find(names.begin(), names.end(), change.observed.key.owner) == names.end()) {
      names.push_back(change.observed.key.owner);
    }
  }
  return names;
}

JobStep UpdateJob::start(net::SteadyTime now) {
  sent_at_ = now;
  return ask(Stage::updating, {update_message(context_.zone, changes_)});
}

JobStep UpdateJob::answered(std::size_t slot, Answer answer, net::SteadyTime now) {
  if (state_ != JobState::running || slot >= answers_.size() || answers_[slot]) {
    return {};
  }
  answers_[slot] = std::move(answer);
  const bool complete = std::all_of(answers_.begin(), answers_.end(),
                                    [](const auto& one) { return one.has_value(); });
  return complete ? advance(now) : JobStep{};
}

JobStep UpdateJob::woken(net::SteadyTime) {
  if (state_ != JobState::running || stage_ != Stage::waiting) {
    return {};
  }
  return read_back();
}

JobStep UpdateJob::ask(Stage stage, std::vector<Message> questions) {
  stage_ = stage;
  answers_.assign(questions.size(), std::nullopt);
  return {.questions = std::move(questions)};
}

JobStep UpdateJob::wait(net::SteadyTime until) {
  stage_ = Stage::waiting;
  answers_.clear();
  return {.wake_at = until};
}

JobStep UpdateJob::read_back() {
  std::vector<Message> questions;
  for (const RrsetChange& change : changes_) {
    questions.push_back(query_message(change.observed.key));
  }
  questions.push_back(query_message({.owner = context_.zone, .type = RrType::SOA}));
  return ask(Stage::reading, std::move(questions));
}

JobStep UpdateJob::advance(net::SteadyTime now) {
  switch (stage_) {
    case Stage::updating:
      return judge_update(now);
    case Stage::reading:
      take_read_back();
      return judge_read_back(now);
    case Stage::confirming:
      return judge_confirmation(now);
    case Stage::proving:
      return judge_proof(now);
    case Stage::waiting:
      break;
  }
  return {};
}

JobStep UpdateJob::judge_update(net::SteadyTime now) {
  const Answer& answer = *answers_.front();
  if (answer) {
    return judge_reply(*answer, now);
  }
  const NoReply& none = answer.error();
  if (none.kind == NoReplyKind::unsendable) {
    return finish_all(OutcomeKind::rejected, none.detail, now);
  }
  if (!none.sent) {
    return finish_all(OutcomeKind::unknown, none.detail + " (the update was not sent)", now);
  }
  word_ = Word::uncertain;
  detail_ = none.detail;
  if (none.rcode == Rcode::NOTAUTH &&
      (none.tsig_error == TsigError::BADKEY || none.tsig_error == TsigError::BADSIG)) {
    refused_unsigned_ = true;
    rcode_ = none.rcode;
    tsig_error_ = none.tsig_error;
  }
  return read_back();
}

JobStep UpdateJob::judge_reply(const Reply& reply, net::SteadyTime now) {
  const Rcode rcode = reply.message.rcode();
  rcode_ = rcode;
  tsig_error_ = reply.tsig_error;
  detail_ = diagnose_reply(context_.diagnosis, rcode, reply.tsig_error, reply.skew);
  const bool several = message_.owners.size() > 1;
  if (rcode == Rcode::NOERROR) {
    word_ = Word::accepted;
    return read_back();
  }
  if (is_conflict(rcode)) {
    if (several) {
      return split(OutcomeKind::conflict, detail_, now);
    }
    word_ = Word::conflict;
    return read_back();
  }
  // Neither the key nor the zone gets better one owner at a time.
  if (rcode == Rcode::NOTAUTH || rcode == Rcode::NOTIMP) {
    return finish_all(OutcomeKind::rejected, detail_, now);
  }
  if (several) {
    return split(OutcomeKind::rejected, detail_, now);
  }
  if (rcode == Rcode::SERVFAIL) {
    word_ = Word::failed;
    return read_back();
  }
  return finish_all(OutcomeKind::rejected, detail_, now);
}

void UpdateJob::take_read_back() {
  ++read_backs_;
  fresh_.clear();
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    fresh_.push_back(judge_answer(changes_[i].observed.key, *answers_[i], context_.diagnosis));
    if (fresh_[i]) {
      rrsets_[i].observed = *fresh_[i];
    }
  }
  if (const auto serial = serial_of(context_.zone, *answers_.back())) {
    serial_ = serial;
  }
}

JobStep UpdateJob::judge_read_back(net::SteadyTime now) {
  switch (word_) {
    case Word::accepted:
      return judge_accepted(now);
    case Word::uncertain:
      return judge_uncertain(now);
    case Word::conflict:
      return judge_conflict(now);
    case Word::failed:
      break;
  }
  if (all_visible()) {
    return finish_all(OutcomeKind::applied, detail_, now);
  }
  return finish_all(OutcomeKind::rejected, detail_, now);
}

JobStep UpdateJob::judge_accepted(net::SteadyTime now) {
  const bool unread =
      std::any_of(fresh_.begin(), fresh_.end(), [](const ReadResult& result) { return !result; });
  if (unread && read_backs_ == 1) {
    return wait(now + kReadRetry);
  }
  const std::vector<std::size_t> doubtful = contradicted();
  if (!doubtful.empty() && !committed_) {
    std::vector<RrSet> sets;
    for (const std::size_t index : doubtful) {
      RrSet set = changes_[index].wanted;
      set.key = changes_[index].observed.key;
      sets.push_back(std::move(set));
    }
    return ask(Stage::confirming, {exact_question(context_.zone, sets)});
  }
  if (!doubtful.empty() && now < poll_until_) {
    const net::SteadyTime next = std::min(now + poll_delay_, poll_until_);
    poll_delay_ = poll_delay_ * 3 / 2;
    return wait(next);
  }
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (!read(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::unknown, unread_detail(fresh_[i].error()));
    } else if (visible(i)) {
      rrsets_[i].outcome = outcome(OutcomeKind::applied);
    } else {
      rrsets_[i].outcome = outcome(
          OutcomeKind::unknown,
          context_.diagnosis.server +
              " has committed the change but still answers otherwise after " +
              net::format_duration(kPollLimit) +
              ": a wildcard above the name, DNS64 or a signed copy that lags (inline-signing); a "
              "secondary that forwards updates does the same: name the zone's primary");
    }
  }
  return finish(now);
}

JobStep UpdateJob::judge_confirmation(net::SteadyTime now) {
  const Answer& answer = *answers_.front();
  if (answer && answer->message.rcode() == Rcode::NOERROR) {
    committed_ = true;
    poll_until_ = now + kPollLimit;
    poll_delay_ = kPollFirst;
    return wait(now + kPollFirst);
  }
  const bool denied = answer && is_conflict(answer->message.rcode());
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
      rrsets_[i].outcome = outcome(
          OutcomeKind::unknown,
          context_.diagnosis.server +
              " accepted the change (NOERROR) but the records are not so: another writer changed "
              "them at once, or update-policy limits their number (\"A(2)\") and drops the rest");
    }
  }
  return finish(now);
}

JobStep UpdateJob::judge_uncertain(net::SteadyTime now) {
  if (all_visible()) {
    return finish_all(OutcomeKind::applied, {}, now);
  }
  const bool unauthenticated =
      std::any_of(fresh_.begin(), fresh_.end(), [](const ReadResult& result) {
        return !result && result.error().kind == ReadFaultKind::unauthenticated;
      });
  if (read_backs_ == 1 && !unauthenticated) {
    return wait(now + kSecondLook);
  }
  const bool untouched =
      std::all_of(fresh_.begin(), fresh_.end(), [this](const ReadResult& result) {
        const auto index = static_cast<std::size_t>(&result - fresh_.data());
        return result && same_records(*result, changes_[index].observed);
      });
  if (refused_unsigned_ && untouched) {
    return finish_all(OutcomeKind::rejected, detail_, now);
  }
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    rrsets_[i].outcome = read(i) && visible(i) ? outcome(OutcomeKind::applied)
                                               : outcome(OutcomeKind::unknown, detail_);
  }
  return finish(now);
}

JobStep UpdateJob::judge_conflict(net::SteadyTime now) {
  const auto as_wanted = [this](std::size_t i) {
    return read(i) && same_records(*fresh_[i], changes_[i].wanted);
  };
  bool all_wanted = true;
  std::vector<Message> proofs;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    all_wanted = all_wanted && as_wanted(i);
    if (read(i) && same_records(*fresh_[i], changes_[i].observed)) {
      proofs.push_back(
          presence_question(context_.zone, changes_[i].observed.key, changes_[i].observed.empty()));
    }
  }
  if (all_wanted) {
    return finish_all(OutcomeKind::unchanged, {}, now);
  }
  // The answers are what they were, yet the primary says that the records are not: ask it whether
  // there is an RRset at all.
  if (proofs.size() == changes_.size()) {
    return ask(Stage::proving, std::move(proofs));
  }
  return finish_all(OutcomeKind::conflict, detail_, now);
}

JobStep UpdateJob::judge_proof(net::SteadyTime now) {
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Answer& answer = *answers_[i];
    if (!answer || answer->message.rcode() != Rcode::NOERROR) {
      continue;
    }
    const std::string place =
        changes_[i].observed.key.owner.to_string() + " " + to_string(changes_[i].observed.key.type);
    if (changes_[i].observed.empty()) {
      return finish_all(OutcomeKind::conflict,
                        context_.diagnosis.server + " holds records for " + place +
                            " that it does not show: filter-aaaa or a signed copy that lags "
                            "(inline-signing)",
                        now);
    }
    return finish_all(OutcomeKind::conflict,
                      "the answer for " + place +
                          " is synthesized, there are no such records in the zone: a wildcard "
                          "above the name, or DNS64, makes it up; add the name by hand once, or "
                          "remove the wildcard",
                      now);
  }
  return finish_all(OutcomeKind::conflict, detail_, now);
}

Outcome UpdateJob::outcome(OutcomeKind kind, std::string detail) const {
  return {.kind = kind,
          .rcode = rcode_,
          .tsig_error = tsig_error_,
          .server = context_.diagnosis.server,
          .detail = std::move(detail)};
}

std::string UpdateJob::unread_detail(const ReadFault& fault) const {
  return context_.diagnosis.server +
         " accepted the change (NOERROR) but it could not be read back: " + fault.detail;
}

bool UpdateJob::visible(std::size_t index) const {
  const RrSet& found = *fresh_[index];
  const std::vector<Rdata> added = added_records(changes_[index]);
  const std::vector<Rdata> removed = removed_records(changes_[index]);
  return std::all_of(added.begin(), added.end(),
                     [&](const Rdata& rdata) { return found.contains(rdata); }) &&
         std::none_of(removed.begin(), removed.end(),
                      [&](const Rdata& rdata) { return found.contains(rdata); });
}

bool UpdateJob::all_visible() const {
  for (std::size_t i = 0; i < fresh_.size(); ++i) {
    if (!read(i) || !visible(i)) {
      return false;
    }
  }
  return true;
}

std::vector<std::size_t> UpdateJob::contradicted() const {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < fresh_.size(); ++i) {
    if (read(i) && !visible(i)) {
      indices.push_back(i);
    }
  }
  return indices;
}

JobStep UpdateJob::finish(net::SteadyTime now) {
  state_ = JobState::finished;
  message_.serial = serial_;
  message_.elapsed = now - sent_at_;
  const auto worst = std::max_element(
      rrsets_.begin(), rrsets_.end(), [](const RrsetOutcome& a, const RrsetOutcome& b) {
        return static_cast<int>(a.outcome.kind) < static_cast<int>(b.outcome.kind);
      });
  message_.outcome = worst->outcome;
  return {};
}

JobStep UpdateJob::finish_all(OutcomeKind kind, const std::string& detail, net::SteadyTime now) {
  for (RrsetOutcome& rrset : rrsets_) {
    rrset.outcome = outcome(kind, detail);
  }
  return finish(now);
}

JobStep UpdateJob::split(OutcomeKind kind, const std::string& detail, net::SteadyTime now) {
  state_ = JobState::split;
  message_.outcome = outcome(kind, detail + "; sent again, one message an owner");
  message_.elapsed = now - sent_at_;
  return {};
}

}  // namespace ronda::dnsupdate
