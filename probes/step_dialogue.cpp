#include "probes/step_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace ronda::probes {

namespace {

// A peer that sends single bytes makes us search the buffer again for each: the work grows with the
// square of what it sends. This many times read_limit is far more than an honest peer causes.
constexpr std::size_t kScansOfLimit = 256;

StepScript script_of(const std::vector<TcpStep>& steps) {
  StepScript script;
  script.passed = steps.empty()       ? "connected"
                  : steps.size() == 1 ? "1 step held"
                                      : std::to_string(steps.size()) + " steps held";
  for (const TcpStep& step : steps) {
    script.steps.push_back({.step = step});
  }
  return script;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

// The one that has the octet before `end`.
std::string_view line_at(std::string_view text, std::size_t end) {
  text.remove_prefix(text.substr(0, end - 1).find_last_of('\n') + 1);
  return first_line(text);
}

std::string_view last_line(std::string_view text) {
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  return text.substr(text.find_last_of('\n') + 1);
}

std::string name_of(const TcpStep& step) {
  if (step.kind == TcpStepKind::starttls) {
    return "expected the end of the line before starttls";
  }
  return step.kind == TcpStepKind::expect_bytes
             ? "expected octets \"" + printable(step.text, 60) + "\""
             : "expected /" + printable(step.text, 60) + "/";
}

}  // namespace

StepDialogue::StepDialogue(const std::vector<TcpStep>& steps, std::size_t read_limit, bool secured)
    : StepDialogue(script_of(steps), read_limit, secured) {
  scripted_ = false;
}

StepDialogue::StepDialogue(StepScript script, std::size_t read_limit, bool secured)
    : passed_(std::move(script.passed)),
      farewell_(std::move(script.farewell)),
      read_limit_(read_limit),
      unread_(read_limit),
      scan_budget_(read_limit * kScansOfLimit),
      secured_(secured) {
  for (ScriptStep& given : script.steps) {
    Step step{.spec = std::move(given.step),
              .called = std::move(given.called),
              .otherwise = std::move(given.otherwise),
              .told = given.told};
    if (step.spec.kind == TcpStepKind::expect || step.spec.kind == TcpStepKind::reject) {
      step.pattern.emplace(step.spec.text, Pattern::Lines::apart);
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
    return ended();
  }
  if (std::holds_alternative<Upgraded>(event)) {
    upgrading_ = false;
    secured_ = true;
    taken_ = 0;
    buffer_.clear();
  }
  return advance();
}

std::string StepDialogue::waiting_for() const {
  if (step_ >= steps_.size()) {
    return "expected nothing";
  }
  const Step& step = steps_[step_];
  return (step.called.empty() ? name_of(step.spec) : "expected " + step.called) +
         describe_got(window());
}

DialogueActions StepDialogue::heard(std::string_view bytes) {
  DialogueActions actions;
  if (upgrading_) {
    finish(make_fail(Code::L7RSP, "bytes came before the TLS handshake" + describe_got(bytes)),
           true, actions);
    return actions;
  }
  cut_ = bytes.size() > unread_;
  buffer_.append(bytes.substr(0, unread_));
  unread_ -= std::min(unread_, bytes.size());
  if (scan_budget_ < buffer_.size()) {
    finish(make_fail(Code::L7RSP, waiting_for() + ", in too many small pieces"), true, actions);
    return actions;
  }
  scan_budget_ -= buffer_.size();
  actions = advance();
  if (cut_ && !finished_) {
    finish(make_fail(Code::L7RSP, waiting_for() + " in the " + std::to_string(read_limit_) +
                                      " bytes of read_limit"),
           true, actions);
  }
  return actions;
}

// What waited for an octet to follow has its answer now. Nobody hears us any more.
DialogueActions StepDialogue::ended() {
  DialogueActions actions;
  if (!upgrading_) {
    closed_ = true;
    actions = advance();
  }
  if (!finished_) {
    finish(make_fail(Code::L7RSP, waiting_for() + ", connection closed"), true, actions);
  }
  return actions;
}

DialogueActions StepDialogue::advance() {
  DialogueActions actions;
  bool asked = false;
  for (; step_ < steps_.size() && !finished_; ++step_) {
    Step& step = steps_[step_];
    switch (step.spec.kind) {
      case TcpStepKind::send:
        if (!closed_) {
          actions.emplace_back(Send{step.spec.text});
        }
        break;
      case TcpStepKind::reject:
        rejects_.push_back(step_);
        break;
      case TcpStepKind::starttls:
        start_tls(actions);
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
    pass(asked ? Code::L7OK : secured_ ? Code::L6OK : Code::L4OK, actions);
  }
  return actions;
}

void StepDialogue::start_tls(DialogueActions& actions) {
  if (closed_) {
    finish(make_fail(Code::L7RSP, "connection closed before the TLS handshake"), true, actions);
    return;
  }
  if (inside_a_line()) {
    const auto end = buffer_.find('\n', taken_);
    if (end == std::string::npos) {
      return;  // the rest is still to come
    }
    take(end + 1);
  }
  if (!window().empty()) {
    finish(make_fail(Code::L7RSP,
                     "bytes before the TLS handshake (injected?)" + describe_got(window())),
           true, actions);
    return;
  }
  upgrading_ = true;
  ++step_;
  actions.emplace_back(StartTls{});
}

// "^220" leaves the rest of "220 go ahead", which is no less of the reply. Octets know no lines.
bool StepDialogue::inside_a_line() const {
  return !scripted_ && step_ > 0 && steps_[step_ - 1].spec.kind == TcpStepKind::expect &&
         taken_ > 0 && buffer_.front() != '\n';
}

void StepDialogue::pass(Code code, DialogueActions& actions) {
  if (!farewell_.empty() && !closed_) {
    actions.emplace_back(Send{farewell_});
  }
  // A script that says no farewell has read all there is to come.
  const bool at_once = closed_ || (scripted_ ? farewell_.empty() : steps_.empty());
  const std::string cut =
      cut_ ? ", cut at the " + std::to_string(read_limit_) + " bytes of read_limit" : "";
  finish(make_pass(code, printable(passed_, 150) + cut), at_once, actions);
}

StepDialogue::Search StepDialogue::search(Step& step, DialogueActions& actions) {
  const auto end = match_end(step);
  const std::size_t to = end.value_or(buffer_.size());
  const std::string_view seen = std::string_view(buffer_).substr(taken_, to - taken_);
  for (const std::size_t index : rejects_) {
    const Step& reject = steps_[index];
    if (reject.pattern->matches(stretch(to))) {
      finish(make_fail(Code::L7STS, "rejected by /" + printable(reject.spec.text, 60) + "/" +
                                        describe_got(seen)),
             false, actions);
      return Search::over;
    }
  }
  if (!end) {
    look_otherwise(step, actions);
    return finished_ ? Search::over : Search::not_yet;
  }
  if (step.told) {
    passed_ = last_line(seen);
  }
  take(*end);
  rejects_.clear();
  return Search::held;
}

void StepDialogue::take(std::size_t end) {
  if (end > taken_) {
    buffer_.erase(0, end - 1);
    taken_ = 1;
  }
}

Stretch StepDialogue::stretch(std::size_t to) const {
  return {.text = buffer_, .from = taken_, .to = to, .open = !closed_};
}

void StepDialogue::look_otherwise(Step& step, DialogueActions& actions) {
  for (std::size_t index = 0; index < step.otherwise.size() && !finished_; ++index) {
    const Otherwise& other = step.otherwise[index];
    if (index == step.others.size()) {
      step.others.emplace_back(other.pattern, Pattern::Lines::apart);
    }
    if (const auto end = step.others[index].match_end(stretch(buffer_.size()))) {
      const std::string_view line =
          step.told ? line_at(window(), *end - taken_) : std::string_view();
      const std::string got =
          other.why.empty() ? describe_got(line.empty() ? window() : line) : ", got " + other.why;
      finish(make_fail(other.code, "expected " + step.called + got), true, actions);
    }
  }
}

std::optional<std::size_t> StepDialogue::match_end(const Step& step) const {
  if (step.spec.kind == TcpStepKind::expect) {
    return step.pattern->match_end(stretch(buffer_.size()));
  }
  const auto found = buffer_.find(step.spec.text, taken_);
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
