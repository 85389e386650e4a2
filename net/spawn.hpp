// One program's start, made in a thread of its own: exec reads the program's file, and a file on a
// disk that does not answer holds whoever asked for it. A part of child_process and of nobody else.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <sys/types.h>

#include "net/child_process.hpp"
#include "net/descriptor.hpp"
#include "net/loop.hpp"

namespace ronda::net {

// The child's ends of its pipes. No `in`: /dev/null.
struct ChildPipes {
  Descriptor in{};
  Descriptor out{};
  Descriptor error{};
};

struct Spawned {
  pid_t pid = -1;
  Descriptor pid_descriptor{};
  std::optional<Fault> fault{};  // it does not run
};

// Numbers above stdio's, so that the child's dup2 calls cannot overwrite one another.
struct Pipe {
  Descriptor read_end{};
  Descriptor write_end{};
};
std::optional<Pipe> open_pipe();  // nothing: errno tells why

class Spawn {
 public:
  // `on_done` is called once, never inside begin(). Dropping the handle kills what was started, or
  // will yet be.
  static std::expected<std::unique_ptr<Spawn>, Fault> begin(Loop& loop, ChildSpec spec,
                                                            ChildPipes pipes,
                                                            std::function<void(Spawned)> on_done);
  ~Spawn();

 private:
  struct Shared;
  explicit Spawn(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  void ring();

  std::shared_ptr<Shared> shared_;
  std::function<void(Spawned)> on_done_{};
  std::unique_ptr<Watch> watch_{};
};

// Kills its process group and leaves the waiting to a thread: a process stuck in the kernel holds
// nobody else.
void kill_and_reap(pid_t pid);

}  // namespace ronda::net
