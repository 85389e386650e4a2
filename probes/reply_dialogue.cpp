#include "probes/reply_dialogue.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "probes/passive_port.hpp"
#include "probes/stamp.hpp"

namespace ronda::probes {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x)) ==
           std::toupper(static_cast<unsigned char>(y));
  });
}

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(" =\t"));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

bool has_word(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    if (same_letters(take_word(text), word)) {
      return true;
    }
  }
  return false;
}

// The first line of an EHLO reply names the server, each other one a capability and its parameters.
bool begins_a_line(const Reply& reply, std::string_view wanted) {
  std::string_view parameter = wanted;
  const std::string_view keyword = take_word(parameter);
  for (std::size_t at = 1; at < reply.lines.size(); ++at) {
    std::string_view text = reply.lines[at];
    text.remove_prefix(std::min<std::size_t>(4, text.size()));
    if (same_letters(take_word(text), keyword) &&
        (parameter.empty() || has_word(text, parameter))) {
      return true;
    }
  }
  return false;
}

bool is_capability(const Reply& reply, std::string_view keyword) {
  constexpr std::string_view kPrefix = "* CAPABILITY ";
  return std::ranges::any_of(reply.lines, [&](std::string_view line) {
    return same_letters(line.substr(0, kPrefix.size()), kPrefix) &&
           has_word(line.substr(kPrefix.size()), keyword);
  });
}

bool offers(const Reply& reply, std::string_view keyword) {
  return reply.tag.empty() ? begins_a_line(reply, keyword) : is_capability(reply, keyword);
}

std::string first_word(const std::string& command) {
  return command.substr(0, command.find(' '));
}

std::string any_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " or ") + word;
  }
  return text;
}

}  // namespace

ReplyDialogue::ReplyDialogue(ReplyScript script, std::size_t read_limit)
    : script_(std::move(script)),
      unread_(read_limit),
      read_limit_(read_limit),
      reader_(script_.grammar) {}

DialogueActions ReplyDialogue::on(const DialogueEvent& event) {
  if (finished_) {
    return {};
  }
  if (const auto* heard_bytes = std::get_if<Heard>(&event)) {
    return heard(heard_bytes->bytes);
  }
  if (std::holds_alternative<Ended>(event)) {
    const std::string what = opening_ ? "connection closed before the passive port was open"
                                      : expectation() + ", connection closed";
    return fail(Code::L7RSP, what + describe_got(reader_.pending()), false);
  }
  if (std::holds_alternative<Upgraded>(event) && upgrading_) {
    upgrading_ = false;
    return next_step();
  }
  if (std::holds_alternative<SideOpened>(event) && opening_) {
    opening_ = false;
    return next_step();
  }
  if (const auto* failed = std::get_if<SideFailed>(&event); failed != nullptr && opening_) {
    return fail(Code::L4CON, "the passive port: " + failed->text, true);
  }
  return {};
}

std::string ReplyDialogue::waiting_for() const {
  if (opening_) {
    return "no connection to the passive port";
  }
  return expectation() + describe_got(reader_.pending());
}

std::string ReplyDialogue::expectation() const {
  const ReplyStep& step = script_.steps[step_];
  const std::string expected = "expected " + any_of(step.expect);
  return step.command.empty() ? expected : first_word(step.command) + ": " + expected;
}

// Each command has a tag of its own, by which its reply is known.
std::string ReplyDialogue::tagged(const std::string& command) const {
  return script_.grammar == Grammar::imap ? "a" + std::to_string(step_) + " " + command : command;
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
      actions = fail(Code::L7RSP, expectation() + describe_line(reply.error()), false);
    } else if (!reply->has_value()) {
      actions = refused_early();
      std::ranges::move(actions, std::back_inserter(all));
      break;
    } else if (opening_) {
      // Left unread it would be taken for the answer to the next command. The port is not wanted
      // any more.
      return fail(Code::L7STS,
                  first_word(script_.steps[step_].command) +
                      ": expected no more while the passive port is opened" +
                      describe_got((*reply)->verdict()),
                  (*reply)->status != script_.hung_up);
    } else {
      actions = judge(**reply);
    }
    std::ranges::move(actions, std::back_inserter(all));
  }
  return all;
}

// A greeting that says no with its first line may have many. There is no place in it for a QUIT.
DialogueActions ReplyDialogue::refused_early() {
  const std::string_view line = reader_.pending();
  const bool refused =
      step_ == 0 && reader_.inside_reply() && (line.starts_with('4') || line.starts_with('5'));
  return refused ? fail(Code::L7STS, expectation() + describe_got(line), false) : DialogueActions();
}

DialogueActions ReplyDialogue::judge(const Reply& reply) {
  const ReplyStep& step = script_.steps[step_];
  if (!step.wait.empty() && reply.status == step.wait && !waited_) {
    waited_ = true;
    return {};
  }
  const std::string tag = step.command.empty() ? "*" : "a" + std::to_string(step_);
  const bool ours = reply.tag.empty() || reply.tag == tag;
  if (!ours || std::ranges::find(step.expect, reply.status) == step.expect.end()) {
    return fail(Code::L7STS, expectation() + describe_got(reply.verdict()),
                reply.status != script_.hung_up);
  }
  const bool offered =
      step.offers.empty() || std::ranges::any_of(step.offers, [&](const std::string& keyword) {
        return offers(reply, keyword);
      });
  if (!offered) {
    return fail(Code::L7RSP,
                any_of(step.offers) + " is not offered in the reply to " + first_word(step.command),
                true);
  }
  if (step_ == 0) {
    greeting_ = reply.lines.front();
  }
  statuses_.insert(reply.status);
  return go_on(reply);
}

DialogueActions ReplyDialogue::go_on(const Reply& reply) {
  const ReplyStep& step = script_.steps[step_];
  if (const std::size_t next = following(); next < script_.steps.size()) {
    const ReplyStep& coming = script_.steps[next];
    if (!coming.barred_by.empty() && offers(reply, coming.barred_by)) {
      return fail(
          Code::L7RSP,
          coming.barred_by + " in the reply to " + first_word(step.command) + ": " + coming.cure,
          true);
    }
  }
  switch (step.then) {
    case Then::next:
      return next_step();
    case Then::tls:
      return start_tls();
    case Then::passive_port:
      return open_side(reply);
    case Then::stamp:
      break;
  }
  return read_stamp(reply);
}

DialogueActions ReplyDialogue::start_tls() {
  const ReplyStep& step = script_.steps[step_];
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

DialogueActions ReplyDialogue::open_side(const Reply& reply) {
  std::optional<std::uint16_t> port;
  for (auto line = reply.lines.begin(); line != reply.lines.end() && !port; ++line) {
    port = line->starts_with(reply.status) ? passive_port(*line) : std::nullopt;
  }
  if (!port) {
    return fail(Code::L7RSP, expectation() + " with a port" + describe_got(reply.verdict()), true);
  }
  opening_ = true;
  DialogueActions actions;
  actions.emplace_back(OpenSide{*port});
  return actions;
}

// "213 20260101000000"
DialogueActions ReplyDialogue::read_stamp(const Reply& reply) {
  const std::string& line = reply.verdict();
  const std::string text = line.substr(std::min(reply.status.size() + 1, line.size()));
  const auto stamp = parse_mdtm(text);
  if (!stamp) {
    return fail(Code::L7RSP, first_word(script_.steps[step_].command) + ": " + stamp.error(), true);
  }
  reading_ = {.measures = {{.name = "stamp", .value = *stamp}}, .said = "stamp " + text};
  return next_step();
}

DialogueActions ReplyDialogue::next_step() {
  const std::size_t next = following();
  if (next == script_.steps.size()) {
    step_ = next - 1;
    return pass();
  }
  step_ = next;
  DialogueActions actions;
  actions.emplace_back(Send{tagged(script_.steps[step_].command) + "\r\n"});
  return actions;
}

std::size_t ReplyDialogue::following() const {
  std::size_t next = step_ + 1;
  while (next < script_.steps.size() && statuses_.contains(script_.steps[next].unless)) {
    ++next;
  }
  return next;
}

DialogueActions ReplyDialogue::pass() {
  finished_ = true;
  ++step_;
  DialogueActions actions;
  actions.emplace_back(Send{tagged(script_.farewell) + "\r\n"});
  ProbeResult result = make_pass(Code::L7OK, reading_.empty() ? greeting_ : reading_.said);
  result.reading = std::move(reading_);
  actions.emplace_back(Finish{std::move(result)});
  return actions;
}

DialogueActions ReplyDialogue::fail(Code code, const std::string& detail, bool polite) {
  finished_ = true;
  ++step_;
  DialogueActions actions;
  if (polite) {
    actions.emplace_back(Send{tagged(script_.farewell) + "\r\n"});
  } else {
    actions.emplace_back(Close{});
  }
  actions.emplace_back(Finish{make_fail(code, detail)});
  return actions;
}

}  // namespace ronda::probes
