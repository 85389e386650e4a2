#include "probes/reply_dialogue.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

namespace ronda::probes {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x)) ==
           std::toupper(static_cast<unsigned char>(y));
  });
}

// The first line of an EHLO reply names the server, each other one a capability.
bool offers(const Reply& reply, std::string_view keyword) {
  for (std::size_t at = 1; at < reply.lines.size(); ++at) {
    std::string_view text = reply.lines[at];
    text.remove_prefix(std::min<std::size_t>(4, text.size()));
    if (same_letters(text.substr(0, text.find_first_of(" =\t")), keyword)) {
      return true;
    }
  }
  return false;
}

}  // namespace

ReplyDialogue::ReplyDialogue(ReplyScript script, std::size_t read_limit)
    : script_(std::move(script)),
      unread_(read_limit),
      read_limit_(read_limit),
      reader_(script_.continuation) {}

DialogueActions ReplyDialogue::on(const DialogueEvent& event) {
  if (finished_) {
    return {};
  }
  if (const auto* heard_bytes = std::get_if<Heard>(&event)) {
    return heard(heard_bytes->bytes);
  }
  if (std::holds_alternative<Ended>(event)) {
    return fail(Code::L7RSP,
                expectation() + ", connection closed" + describe_got(reader_.pending()), false);
  }
  if (std::holds_alternative<Upgraded>(event) && upgrading_) {
    upgrading_ = false;
    return next_step();
  }
  return {};
}

std::string ReplyDialogue::waiting_for() const {
  return expectation() + describe_got(reader_.pending());
}

std::string ReplyDialogue::expectation() const {
  const ReplyStep& step = script_.steps[step_];
  std::string expected = "expected " + std::to_string(step.expect);
  if (step.command.empty()) {
    return expected;
  }
  return step.command.substr(0, step.command.find(' ')) + ": " + expected;
}

DialogueActions ReplyDialogue::heard(std::string_view bytes) {
  const bool too_much = bytes.size() > unread_;
  reader_.push(bytes.substr(0, unread_));
  unread_ -= std::min(unread_, bytes.size());
  DialogueActions actions = consume();
  if (too_much && !finished_) {
    return fail(Code::L7RSP,
                expectation() + ", got no whole reply in the " + std::to_string(read_limit_) +
                    " bytes of read_limit",
                false);
  }
  return actions;
}

DialogueActions ReplyDialogue::consume() {
  if (upgrading_) {
    return fail(Code::L7RSP,
                "bytes came before the TLS handshake" + describe_got(reader_.pending()), false);
  }
  DialogueActions all;
  while (!finished_ && !upgrading_) {
    auto reply = reader_.next();
    DialogueActions actions;
    if (!reply) {
      actions = fail(Code::L7RSP, expectation() + describe_got(reply.error()), false);
    } else if (!reply->has_value()) {
      break;
    } else {
      actions = judge(**reply);
    }
    std::ranges::move(actions, std::back_inserter(all));
  }
  return all;
}

DialogueActions ReplyDialogue::judge(const Reply& reply) {
  const ReplyStep& step = script_.steps[step_];
  if (step.wait_code != 0 && reply.code == step.wait_code && !waited_) {
    waited_ = true;
    return {};
  }
  if (reply.code != step.expect) {
    return fail(Code::L7STS, expectation() + describe_got(reply.lines.front()),
                reply.code != script_.hung_up);
  }
  if (!step.offers.empty() && !offers(reply, step.offers)) {
    return fail(Code::L7RSP,
                step.offers + " is not offered in the reply to " +
                    step.command.substr(0, step.command.find(' ')),
                true);
  }
  if (step_ == 0) {
    greeting_ = reply.lines.front();
  }
  if (!step.then_tls) {
    return next_step();
  }
  if (!reader_.empty()) {
    return fail(Code::L7RSP,
                "bytes between the " + step.command + " reply and the handshake (injected?)" +
                    describe_got(reader_.pending()),
                false);
  }
  upgrading_ = true;
  DialogueActions actions;
  actions.emplace_back(StartTls{});
  return actions;
}

DialogueActions ReplyDialogue::next_step() {
  if (step_ + 1 == script_.steps.size()) {
    return pass();
  }
  ++step_;
  DialogueActions actions;
  actions.emplace_back(Send{script_.steps[step_].command + "\r\n"});
  return actions;
}

DialogueActions ReplyDialogue::pass() {
  finished_ = true;
  DialogueActions actions;
  actions.emplace_back(Send{script_.farewell + "\r\n"});
  actions.emplace_back(Finish{make_pass(Code::L7OK, greeting_)});
  return actions;
}

DialogueActions ReplyDialogue::fail(Code code, const std::string& detail, bool polite) {
  finished_ = true;
  DialogueActions actions;
  if (polite) {
    actions.emplace_back(Send{script_.farewell + "\r\n"});
  } else {
    actions.emplace_back(Close{});
  }
  actions.emplace_back(Finish{make_fail(code, detail)});
  return actions;
}

}  // namespace ronda::probes
