// One thread for jobs that may block (fsync, reading files, loading CAs, rendering), in order. The
// result comes back on the loop's thread through an eventfd; the loop itself never waits.
#pragma once

#include <functional>
#include <memory>

#include "net/loop.hpp"

namespace ronda::net {

class Worker {
 public:
  explicit Worker(Loop& loop);
  ~Worker();  // finishes the job in hand, drops the queued ones and every `done` not yet called
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `job` runs on the worker's thread and must share nothing mutable with the loop's thread; `done`
  // runs on the loop's thread afterwards.
  void submit(std::function<void()> job, std::function<void()> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ronda::net
