#include "dnsupdate/update/update_job.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "dnsupdate/update/judge_answer.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

bool is_conflict(Rcode rcode) {
  return rcode == Rcode::NXRRSET || rcode == Rcode::YXRRSET || rcode == Rcode::NXDOMAIN ||
         rcode == Rcode::YXDOMAIN;
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
  if (const std::string& server = answer ? answer->server : answer.error().server;
      !server.empty()) {
    context_.diagnosis.server = server;
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
  if (word_ == Word::failed) {
    questions.push_back(keys_question(context_.zone));
  }
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
    case Stage::probing:
      return judge_probe(now);
    case Stage::nudging:
      return judge_nudge(now);
    case Stage::nudging_back:
      return judge_nudge_back(now);
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
    accepted_at_ = now;
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
  if (rcode == Rcode::REFUSED) {
    return ask(Stage::probing,
               {presence_question(context_.zone, changes_.front().observed.key, true)});
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
  if (const auto serial = serial_of(*answers_[changes_.size()], context_.zone)) {
    serial_ = serial;
    first_serial_ = first_serial_.value_or(*serial);
  }
}

std::optional<bool> UpdateJob::has_keys(std::size_t slot) const {
  const ReadResult keys =
      judge_answer({.owner = context_.zone, .type = kDnskey}, *answers_[slot], context_.diagnosis);
  return keys ? std::optional(!keys->empty()) : std::nullopt;
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
  return judge_failed(now);
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
