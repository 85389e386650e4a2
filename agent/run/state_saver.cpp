#include "agent/run/state_saver.hpp"

#include <string>
#include <utility>

namespace ronda::agent {

StateSaver::StateSaver(net::Worker& worker, Log& log, std::function<void()> on_idle)
    : worker_(worker), log_(log), on_idle_(std::move(on_idle)) {}

void StateSaver::save(std::filesystem::path directory, SavedState state) {
  waiting_ = {.directory = std::move(directory), .state = std::move(state)};
  next();
}

void StateSaver::next() {
  if (saving_ || !waiting_) {
    return;
  }
  saving_ = true;
  auto error = std::make_shared<std::string>();
  worker_.submit(
      [job = std::move(*waiting_), error] {
        if (const auto stored = store_state(job.directory, job.state); !stored) {
          *error = stored.error();
        }
      },
      [this, error, still = std::weak_ptr<int>(alive_)] {
        if (still.expired()) {
          return;
        }
        saving_ = false;
        if (!error->empty()) {
          log_.write({.level = LogLevel::error,
                      .event = "state_not_saved",
                      .fields = {{"detail", *error}}});
        }
        next();
        if (idle()) {
          on_idle_();
        }
      });
  waiting_.reset();
}

}  // namespace ronda::agent
