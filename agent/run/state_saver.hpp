// Writes the state file in the worker, one write at a time; of the states that wait for it the
// latest wins. What cannot be written is logged and tried again with the next state.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "agent/ops/log.hpp"
#include "agent/state/state_file.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

class StateSaver {
 public:
  // Borrows both. `on_idle`: each time nothing is left to write.
  StateSaver(net::Worker& worker, Log& log, std::function<void()> on_idle);

  void save(std::filesystem::path directory, SavedState state);
  bool idle() const { return !saving_ && !waiting_; }

 private:
  struct Waiting {
    std::filesystem::path directory{};
    SavedState state{};
  };
  void next();

  net::Worker& worker_;
  Log& log_;
  std::function<void()> on_idle_;
  std::optional<Waiting> waiting_{};
  bool saving_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the worker's answer may come after us
};

}  // namespace ronda::agent
