// The most memory that this process has held since: not since it began, as getrusage() tells, where
// an earlier peak would hide a later one.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

namespace ronda::test {

class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream reset("/proc/self/clear_refs");
    reset << 5 << std::flush;  // proc(5): the peak begins anew
    if (!reset) {
      throw std::runtime_error("/proc/self/clear_refs cannot be written: no peak can be measured");
    }
    before_ = peak();
  }
  long grown_kib() const { return peak() - before_; }

 private:
  static long peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) {
        return std::stol(line.substr(6));
      }
    }
    throw std::runtime_error("/proc/self/status tells no VmHWM");
  }

  long before_ = 0;
};

}  // namespace ronda::test
