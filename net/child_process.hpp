// A program run beside us: posix_spawn with a clean descriptor table and its own session, in a
// thread, since exec waits for the program's file; its end noticed through a pidfd on the loop. No
// shell. Not uv_spawn, which blocks for milliseconds.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/fault.hpp"
#include "net/loop.hpp"

namespace ronda::net {

struct ChildSpec {
  std::vector<std::string> argv{};         // argv[0] is looked up in PATH
  std::vector<std::string> environment{};  // "NAME=value"; nothing else is inherited
  std::string input{};                     // written to its stdin, which is then closed; empty:
                                           // /dev/null
  std::size_t output_limit = 4096;  // bytes of stdout and stderr kept; the rest is read and dropped
  bool ends_alone = false;  // what it leaves running in its process group is killed at its end
};

struct ChildExit {
  std::optional<Fault> not_started{};  // it never ran: no such file, no process left ...
  int code = -1;                       // exit status, or -1
  int signal = 0;                      // the signal that ended it, or 0
  std::string output{};                // stdout
  std::string errors{};                // stderr
};

class ChildProcess : public Cancellable {
 public:
  // `on_exit` is called once, never inside start(): when the program could not be started, or after
  // the process has ended and its output is read to the end or, when a grandchild keeps the pipe,
  // right after the end. Dropping the handle kills the process group. The fault: no descriptor or
  // thread is left for it.
  static std::expected<std::unique_ptr<ChildProcess>, Fault> start(
      Loop& loop, const ChildSpec& spec, std::function<void(const ChildExit&)> on_exit);
  virtual bool started() const = 0;  // and not ended
  // To the process group; while the program is being started, as soon as it has.
  virtual void signal(int number) = 0;
};

}  // namespace ronda::net
