// The dialogue of `tcp` checks and of the protocols that are a script of such steps: the user's own
// steps, or a protocol's, over one buffer. An expect takes everything up to the end of its match
// out of the buffer, so steps match in order, gaps allowed. `^` and `$` stand for the borders of
// the server's lines, `\A` for where the last match ended; a match that the next octet could undo
// waits for it, or for the end. A reject holds for the next expect only. What a script adds are
// words: what is expected, what came instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/check.hpp"
#include "probes/dialogue.hpp"
#include "probes/pattern.hpp"

namespace ronda::probes {

// What may come in place of what a step expects; the first one that matches ends the dialogue.
struct Otherwise {
  std::string pattern{};
  std::string why{};  // in the protocol's words; empty: what came is shown
  Code code = Code::L7STS;
};
struct ScriptStep {
  TcpStep step{};
  std::string called{};  // of an expect, in the protocol's words
  std::vector<Otherwise> otherwise{};
  bool told = false;  // its last line is the detail of a PASS, of another answer the line is shown
};
struct StepScript {
  std::vector<ScriptStep> steps{};
  std::string passed{};    // the detail of a PASS where no step is told
  std::string farewell{};  // said with a PASS, its answer is not waited for; empty: just closed
};

class StepDialogue final : public Dialogue {
 public:
  StepDialogue(const std::vector<TcpStep>& steps, std::size_t read_limit, bool secured);
  StepDialogue(StepScript script, std::size_t read_limit, bool secured);
  DialogueActions on(const DialogueEvent& event) override;
  std::string waiting_for() const override;

 private:
  struct Step {
    TcpStep spec{};
    std::optional<Pattern> pattern{};  // of expect and reject
    std::string called{};
    std::vector<Otherwise> otherwise{};
    std::vector<Pattern> others{};  // of `otherwise`, made when first looked at
    bool told = false;
  };
  enum class Search : unsigned char { not_yet, held, over };

  DialogueActions advance();
  Search search(Step& step, DialogueActions& actions);
  void look_otherwise(Step& step, DialogueActions& actions);
  void take(std::size_t end);
  std::string_view window() const { return std::string_view(buffer_).substr(taken_); }
  Stretch stretch(std::size_t to) const;
  std::optional<std::size_t> match_end(const Step& step) const;
  void start_tls(DialogueActions& actions);
  bool inside_a_line() const;
  void pass(Code code, DialogueActions& actions);
  DialogueActions heard(std::string_view bytes);
  DialogueActions ended();
  void finish(ProbeResult result, bool at_once, DialogueActions& actions);

  std::vector<Step> steps_{};
  bool scripted_ = true;
  std::string passed_{};
  std::string farewell_{};
  std::size_t step_ = 0;
  std::vector<std::size_t> rejects_{};  // armed, by index of step
  std::string buffer_{};
  std::size_t taken_ = 0;  // octets at its front that only say what the rest follows: one at most
  std::size_t read_limit_;
  std::size_t unread_;       // bytes still allowed
  std::size_t scan_budget_;  // bytes still allowed to be searched, see heard()
  bool secured_;
  bool cut_ = false;  // more came than may be read
  bool closed_ = false;
  bool upgrading_ = false;
  bool finished_ = false;
};

}  // namespace ronda::probes
