// The dialogue of `tcp` checks: the user's own steps over one buffer. An expect takes everything up
// to the end of its match out of the buffer, so steps match in order, gaps allowed. `^` and `$`
// stand for line borders. A reject holds for the next expect only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "probes/check.hpp"
#include "probes/dialogue.hpp"
#include "probes/pattern.hpp"

namespace ronda::probes {

class StepDialogue final : public Dialogue {
 public:
  StepDialogue(const std::vector<TcpStep>& steps, std::size_t read_limit, bool secured);
  DialogueActions on(const DialogueEvent& event) override;
  std::string waiting_for() const override;

 private:
  struct Step {
    TcpStep spec{};
    std::optional<Pattern> pattern{};  // of expect and reject
  };
  enum class Search : unsigned char { not_yet, held, over };

  DialogueActions advance();
  Search search(const Step& step, DialogueActions& actions);
  std::optional<std::size_t> match_end(const Step& step) const;
  DialogueActions heard(std::string_view bytes);
  void finish(ProbeResult result, bool at_once, DialogueActions& actions);

  std::vector<Step> steps_{};
  std::size_t step_ = 0;
  std::vector<std::size_t> rejects_{};  // armed, by index of step
  std::string buffer_{};
  std::size_t read_limit_;
  std::size_t unread_;       // bytes still allowed
  std::size_t scan_budget_;  // bytes still allowed to be searched, see heard()
  bool secured_;
  bool upgrading_ = false;
  bool finished_ = false;
};

}  // namespace ronda::probes
