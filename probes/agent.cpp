#include <algorithm>
#include <optional>
#include <utility>

#include "probes/agent_line.hpp"
#include "probes/protocols.hpp"

namespace ronda::probes {

namespace {

constexpr std::size_t kLongestLine = 4096;

// Connect, say what is to be said, read one line, close.
class AgentDialogue final : public Dialogue {
 public:
  AgentDialogue(std::string send, std::size_t read_limit)
      : send_(std::move(send)), limit_(std::min(read_limit, kLongestLine)) {}

  DialogueActions on(const DialogueEvent& event) override {
    if (finished_) {
      return {};
    }
    if (const auto* heard = std::get_if<Heard>(&event)) {
      return hear(heard->bytes);
    }
    if (std::holds_alternative<Ended>(event)) {
      return finish(make_fail(Code::L7RSP, waiting_for() + ", connection closed"));
    }
    DialogueActions actions;
    if (std::holds_alternative<Opened>(event) && !send_.empty()) {
      actions.emplace_back(Send{send_});
    }
    return actions;
  }
  std::string waiting_for() const override {
    return "expected an agent's line" + describe_got(line_);
  }

 private:
  DialogueActions hear(std::string_view bytes) {
    const auto end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    const std::size_t room = limit_ - line_.size();
    line_.append(piece.substr(0, room));
    if (piece.size() >= room) {
      return finish(make_fail(Code::L7RSP, waiting_for() + " and no end of it in " +
                                               std::to_string(limit_) + " bytes"));
    }
    return end == std::string_view::npos ? DialogueActions{} : judge();
  }

  DialogueActions judge() {
    const AgentLine line = parse_agent_line(line_);
    if (!line.word) {
      return finish(make_fail(
          Code::L7RSP, "expected up, ready, down, drain, maint or NN%" + describe_line(line_)));
    }
    ProbeResult result = make_pass(Code::L7OK, line_);
    result.reading = {.word = line.word, .said = printable(line_, 80)};
    return finish(std::move(result));
  }

  DialogueActions finish(ProbeResult result) {
    finished_ = true;
    DialogueActions actions;
    actions.emplace_back(Close{});
    actions.emplace_back(Finish{std::move(result)});
    return actions;
  }

  std::string send_;
  std::size_t limit_;
  std::string line_{};
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Dialogue> agent_dialogue(const CheckSpec& check) {
  return std::make_unique<AgentDialogue>(std::get<AgentCheck>(check.protocol).send,
                                         check.read_limit);
}

}  // namespace ronda::probes
