// Programs of exec checks whose time is over and whose verdict is told: each gets SIGTERM, and two
// seconds later SIGKILL, with everything in its process group. Knows which command lines are still
// running, so that none runs twice at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/child_process.hpp"
#include "net/loop.hpp"

namespace ronda::probes {

// A running program whose end may be told to another than who started it. Goes with it: dropping
// it kills.
struct Program {
  std::unique_ptr<net::ChildProcess> child{};
  std::function<void(const net::ChildExit&)> on_end{};
};

class Overdue {
 public:
  using Command = std::vector<std::string>;  // arguments and environment

  void end(net::Loop& loop, const Command& command, std::unique_ptr<Program> program);
  // False when no such program is left. Else it is killed now, and `then` is called when it is
  // gone, never inside this call.
  bool kill(const Command& command, std::function<void()> then);
  void forget(const Command& command);  // `then` is called no more
  // Calls back once, as soon as none is left, and soon after the last SIGKILL at the latest: one
  // whose disk does not answer cannot die.
  void when_over(net::Loop& loop, std::function<void()> over);

 private:
  struct Leaving {
    std::unique_ptr<Program> program{};
    net::Handle timer{};
    std::function<void()> then{};
  };
  void tell_over();

  std::map<Command, Leaving> leaving_{};
  std::function<void()> over_{};
  net::Handle limit_{};
};

}  // namespace ronda::probes
