// The production log: lines to stderr through a bounded queue and a thread, so that a reader that
// stalls never stalls the loop. Lines that find the queue full are dropped and counted; the count
// is said in the next line that gets through. Under systemd ($JOURNAL_STREAM) lines carry "<N>"
// priorities, elsewhere an RFC 3339 time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "agent/ops/log.hpp"

namespace ronda::agent {

class StderrLog final : public Log {
 public:
  explicit StderrLog(LogLevel least = LogLevel::info, int descriptor = 2);
  // Writes what is queued, but waits no more than a second for a stalled reader.
  ~StderrLog() override;
  void write(const LogLine& line) override;

 private:
  void drain();
  void put(const std::string& text);
  LogLevel least_;
  int descriptor_;
  bool journal_;
  std::mutex mutex_{};
  std::condition_variable ready_{};
  std::deque<std::string> queue_{};
  std::size_t dropped_ = 0;
  bool ending_ = false;
  std::thread thread_{};
};

}  // namespace ronda::agent
