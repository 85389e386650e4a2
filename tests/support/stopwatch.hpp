// How long something takes this thread, less the time in which the thread was ready to go on and
// the machine had no core for it: what a bound on our own code is held against, also where other
// tests run beside this one.
#pragma once

#include <chrono>
#include <fstream>

namespace ronda::test {

class Stopwatch {
 public:
  using Duration = std::chrono::nanoseconds;

  Duration elapsed() const {
    return std::chrono::steady_clock::now() - started_ - (without_core() - without_core_before_);
  }

 private:
  // The kernel's account of it (Documentation/scheduler/sched-stats.rst); nothing where it has
  // none.
  static Duration without_core() {
    std::ifstream account("/proc/thread-self/schedstat");
    std::chrono::nanoseconds::rep ran = 0;
    std::chrono::nanoseconds::rep waited = 0;
    account >> ran >> waited;
    return Duration(waited);
  }

  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  Duration without_core_before_ = without_core();
};

}  // namespace ronda::test
