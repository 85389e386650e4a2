// One UPDATE message from sending to what became of it: send, read back, and where the read-back
// contradicts the primary's word, ask the primary itself (design: dns-update 2, 3, 15). A machine
// without sockets or clock: it says what to ask and when to be woken, and is told the answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dnsupdate/update/diagnosis.hpp"
#include "dnsupdate/update/outcome.hpp"
#include "dnsupdate/update/read_result.hpp"
#include "dnsupdate/update/reply.hpp"
#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

struct UpdateContext {
  Name zone{};
  DiagnosisContext diagnosis{};
};

enum class JobState : std::uint8_t { running, finished, split };

// What the job wants next; questions of one step are answered in any order, each exactly once.
struct JobStep {
  std::vector<Message> questions{};
  std::optional<net::SteadyTime> wake_at{};
};

class UpdateJob {
 public:
  UpdateJob(const UpdateContext& context, std::vector<RrsetChange> changes);

  JobStep start(net::SteadyTime now);
  // `slot` is the question's place in its step.
  JobStep answered(std::size_t slot, Answer answer, net::SteadyTime now);
  JobStep woken(net::SteadyTime now);

  JobState state() const { return state_; }
  const std::vector<RrsetChange>& changes() const { return changes_; }
  std::vector<Name> owners() const;  // each once
  // Valid when finished; one for each change. Of a split job only message() is.
  const std::vector<RrsetOutcome>& rrsets() const { return rrsets_; }
  const MessageOutcome& message() const { return message_; }

 private:
  enum class Stage : std::uint8_t {
    updating,
    reading,
    confirming,  // the primary itself is asked whether the zone is as wanted
    proving,     // ... whether there is an RRset at all
    probing,     // ... whether it takes any update of this zone
    nudging,
    nudging_back,
    waiting
  };
  // What the primary's answer to the UPDATE has made us expect of the read-back.
  enum class Word : std::uint8_t { accepted, uncertain, conflict, failed };

  JobStep ask(Stage stage, std::vector<Message> questions);
  JobStep wait(net::SteadyTime until);
  JobStep read_back();
  JobStep advance(net::SteadyTime now);
  JobStep judge_update(net::SteadyTime now);
  JobStep judge_reply(const Reply& reply, net::SteadyTime now);
  JobStep judge_read_back(net::SteadyTime now);
  void take_read_back();
  std::optional<bool> has_keys(std::size_t slot) const;  // its answer to keys_question()
  // update_job_visible.cpp: after NOERROR.
  JobStep judge_accepted(net::SteadyTime now);
  JobStep judge_confirmation(net::SteadyTime now);
  JobStep poll(net::SteadyTime now);
  JobStep nudge(net::SteadyTime now);
  JobStep judge_nudge(net::SteadyTime now);
  JobStep judge_nudge_back(net::SteadyTime now);
  JobStep finish_accepted(net::SteadyTime now);
  std::vector<std::size_t> still_nudged() const;
  std::string invisible_detail(net::SteadyTime now) const;
  std::string denied_detail(std::size_t index) const;
  // update_job_failed.cpp: after anything else.
  JobStep judge_uncertain(net::SteadyTime now);
  JobStep judge_conflict(net::SteadyTime now);
  JobStep judge_failed(net::SteadyTime now);
  JobStep judge_proof(net::SteadyTime now);
  JobStep judge_probe(net::SteadyTime now);
  JobStep finish(net::SteadyTime now);
  JobStep finish_all(OutcomeKind kind, const std::string& detail, net::SteadyTime now);
  JobStep split(OutcomeKind kind, const std::string& detail, net::SteadyTime now);

  Outcome outcome(OutcomeKind kind, std::string detail = {}) const;
  std::string unread_detail(const ReadFault& fault) const;
  bool visible(std::size_t index) const;  // our change shows in the read-back
  bool all_visible() const;
  bool read(std::size_t index) const { return fresh_[index].has_value(); }
  std::vector<std::size_t> contradicted() const;

  UpdateContext context_;
  std::vector<RrsetChange> changes_;
  JobState state_ = JobState::running;
  Stage stage_ = Stage::updating;
  Word word_ = Word::uncertain;
  std::vector<std::optional<Answer>> answers_{};
  net::SteadyTime sent_at_{};
  std::optional<Rcode> rcode_{};
  std::optional<TsigError> tsig_error_{};
  std::string detail_{};  // why the word is not "accepted"
  bool refused_unsigned_ = false;
  std::vector<ReadResult> fresh_{};
  int read_backs_ = 0;
  net::SteadyTime accepted_at_{};  // when NOERROR came
  bool committed_ = false;         // by the primary's own word
  bool overtaken_ = false;         // another writer came after that
  std::optional<bool> signed_{};   // the zone has DNSSEC keys
  net::SteadyTime poll_until_{};
  net::Duration poll_delay_{};
  Message nudge_back_{};
  std::optional<std::uint32_t> serial_{};
  std::optional<std::uint32_t> first_serial_{};  // at the first look
  std::vector<RrsetOutcome> rrsets_{};
  MessageOutcome message_{};
};

}  // namespace ronda::dnsupdate
