#include "probes/overdue.hpp"

#include <csignal>
#include <utility>

namespace ronda::probes {

namespace {

constexpr net::Duration kGrace = std::chrono::seconds(2);
constexpr net::Duration kDying = std::chrono::milliseconds(250);

}  // namespace

void Overdue::end(net::Loop& loop, const Command& command, std::unique_ptr<Program> program) {
  const auto [at, is_new] = leaving_.try_emplace(command);
  if (!is_new) {
    return;  // an equal one is leaving already: this one is dropped, which kills it
  }
  Leaving& leaving = at->second;
  leaving.program = std::move(program);
  leaving.program->on_end = [this, command](const net::ChildExit&) {
    const auto node = leaving_.extract(command);
    if (node.mapped().then) {
      node.mapped().then();
    }
    if (leaving_.empty()) {
      tell_over();
    }
  };
  net::ChildProcess* child = leaving.program->child.get();
  leaving.timer = loop.at(loop.now() + kGrace, [child] { child->signal(SIGKILL); });
  child->signal(SIGTERM);
}

bool Overdue::kill(const Command& command, std::function<void()> then) {
  const auto found = leaving_.find(command);
  if (found == leaving_.end()) {
    return false;
  }
  found->second.then = std::move(then);
  found->second.program->child->signal(SIGKILL);
  return true;
}

void Overdue::forget(const Command& command) {
  if (const auto found = leaving_.find(command); found != leaving_.end()) {
    found->second.then = nullptr;
  }
}

void Overdue::when_over(net::Loop& loop, std::function<void()> over) {
  over_ = std::move(over);
  if (leaving_.empty()) {
    tell_over();
    return;
  }
  limit_ = loop.at(loop.now() + kGrace + kDying, [this] { tell_over(); });
}

void Overdue::tell_over() {
  limit_.reset();
  if (over_) {
    std::exchange(over_, nullptr)();
  }
}

}  // namespace ronda::probes
