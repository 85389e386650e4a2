#include "probes/step_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace ronda::probes {

namespace {

// A peer that sends single bytes makes us search the buffer again for each: the work grows with the
// square of what it sends. This many times read_limit is far more than an honest peer causes.
constexpr std::size_t kScansOfLimit = 256;

std::string name_of(const TcpStep& step) {
  return step.kind == TcpStepKind::expect_bytes
             ? "expected octets \"" + printable(step.text, 60) + "\""
             : "expected /" + printable(step.text, 60) + "/";
}

}  // namespace

StepDialogue::StepDialogue(const std::vector<TcpStep>& steps, std::size_t read_limit, bool secured)
    : read_limit_(read_limit),
      unread_(read_limit),
      scan_budget_(read_limit * kScansOfLimit),
      secured_(secured) {
  for (const TcpStep& spec : steps) {
    Step step{.spec = spec, .pattern = {}};
    if (spec.kind == TcpStepKind::expect || spec.kind == TcpStepKind::reject) {
      step.pattern.emplace(spec.text, Pattern::Lines::apart);
    }
    steps_.push_back(std::move(step));
  }
}

DialogueActions StepDialogue::on(const DialogueEvent& event) {
  if (finished_) {
    return {};
  }
  if (const auto* heard_bytes = std::get_if<Heard>(&event)) {
    return heard(heard_bytes->bytes);
  }
  if (std::holds_alternative<Ended>(event)) {
    DialogueActions actions;
    finish(make_fail(Code::L7RSP, waiting_for() + ", connection closed"), true, actions);
    return actions;
  }
  if (std::holds_alternative<Upgraded>(event)) {
    upgrading_ = false;
    secured_ = true;
  }
  return advance();
}

std::string StepDialogue::waiting_for() const {
  if (step_ >= steps_.size()) {
    return "expected nothing";
  }
  return name_of(steps_[step_].spec) + describe_got(buffer_);
}

DialogueActions StepDialogue::heard(std::string_view bytes) {
  DialogueActions actions;
  if (upgrading_) {
    finish(make_fail(Code::L7RSP, "bytes came before the TLS handshake" + describe_got(bytes)),
           true, actions);
    return actions;
  }
  const bool too_much = bytes.size() > unread_;
  buffer_.append(bytes.substr(0, unread_));
  unread_ -= std::min(unread_, bytes.size());
  if (scan_budget_ < buffer_.size()) {
    finish(make_fail(Code::L7RSP, waiting_for() + ", in too many small pieces"), true, actions);
    return actions;
  }
  scan_budget_ -= buffer_.size();
  actions = advance();
  if (too_much && !finished_) {
    finish(make_fail(Code::L7RSP, waiting_for() + " in the " + std::to_string(read_limit_) +
                                      " bytes of read_limit"),
           true, actions);
  }
  return actions;
}

DialogueActions StepDialogue::advance() {
  DialogueActions actions;
  bool asked = false;
  for (; step_ < steps_.size() && !finished_; ++step_) {
    const Step& step = steps_[step_];
    switch (step.spec.kind) {
      case TcpStepKind::send:
        actions.emplace_back(Send{step.spec.text});
        break;
      case TcpStepKind::reject:
        rejects_.push_back(step_);
        break;
      case TcpStepKind::starttls:
        if (!buffer_.empty()) {
          finish(make_fail(Code::L7RSP,
                           "bytes before the TLS handshake (injected?)" + describe_got(buffer_)),
                 true, actions);
          return actions;
        }
        upgrading_ = true;
        ++step_;
        actions.emplace_back(StartTls{});
        return actions;
      case TcpStepKind::expect:
      case TcpStepKind::expect_bytes:
        asked = true;
        if (search(step, actions) != Search::held) {
          return actions;
        }
        break;
    }
  }
  if (!finished_) {
    asked = asked || std::ranges::any_of(steps_, [](const Step& step) {
              return step.spec.kind == TcpStepKind::expect ||
                     step.spec.kind == TcpStepKind::expect_bytes;
            });
    const Code code = asked ? Code::L7OK : secured_ ? Code::L6OK : Code::L4OK;
    const bool silent = steps_.empty();
    finish(make_pass(code, silent ? "connected" : std::to_string(steps_.size()) + " steps held"),
           silent, actions);
  }
  return actions;
}

StepDialogue::Search StepDialogue::search(const Step& step, DialogueActions& actions) {
  const auto end = match_end(step);
  const std::string_view seen = std::string_view(buffer_).substr(0, end.value_or(buffer_.size()));
  for (const std::size_t index : rejects_) {
    const Step& reject = steps_[index];
    if (reject.pattern->matches(seen)) {
      finish(make_fail(Code::L7STS, "rejected by /" + printable(reject.spec.text, 60) + "/" +
                                        describe_got(seen)),
             false, actions);
      return Search::over;
    }
  }
  if (!end) {
    return Search::not_yet;
  }
  buffer_.erase(0, *end);
  rejects_.clear();
  return Search::held;
}

std::optional<std::size_t> StepDialogue::match_end(const Step& step) const {
  if (step.spec.kind == TcpStepKind::expect) {
    return step.pattern->match_end(buffer_);
  }
  const auto found = buffer_.find(step.spec.text);
  return found == std::string::npos ? std::nullopt : std::optional(found + step.spec.text.size());
}

void StepDialogue::finish(ProbeResult result, bool at_once, DialogueActions& actions) {
  finished_ = true;
  if (at_once) {
    actions.emplace_back(Close{});
  }
  actions.emplace_back(Finish{std::move(result)});
}

}  // namespace ronda::probes
