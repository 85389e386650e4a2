#include <algorithm>
#include <chrono>
#include <utility>

#include "dnsupdate/update/update_job.hpp"
#include "dnsupdate/update/update_request.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr net::Duration kSecondLook = std::chrono::seconds(1);

}  // namespace

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

JobStep UpdateJob::judge_failed(net::SteadyTime now) {
  if (all_visible()) {
    return finish_all(OutcomeKind::applied, detail_, now);
  }
  FailureEvidence evidence{.zone_is_signed = has_keys(changes_.size() + 1)};
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    evidence.records = std::max(evidence.records, changes_[i].wanted.data.size());
    evidence.zone_is_served = evidence.zone_is_served && read(i);
  }
  return finish_all(OutcomeKind::rejected, diagnose_failure(context_.diagnosis, evidence), now);
}

// Refused: an update that changes nothing tells policy from a zone that takes no update at all.
JobStep UpdateJob::judge_probe(net::SteadyTime now) {
  const Answer& answer = *answers_.front();
  if (answer) {
    const bool any_update = answer->message.rcode() != Rcode::REFUSED;
    detail_ = diagnose_refusal(context_.diagnosis, any_update);
  }
  return finish_all(OutcomeKind::rejected, detail_, now);
}

}  // namespace ronda::dnsupdate
