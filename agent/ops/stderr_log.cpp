#include "agent/ops/stderr_log.hpp"

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/time.hpp"

namespace ronda::agent {
namespace {

constexpr std::size_t kQueueLimit = 4096;
// A pipe that polls writable takes this much without blocking.
constexpr std::size_t kLineLimit = PIPE_BUF;
constexpr int kPatience = 1000;  // ms, at the end

// sd-daemon(3): the variable names device and inode of the journal's socket; it is inherited by
// programs whose stderr was redirected elsewhere since.
bool is_journal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(descriptor, &status) != 0) {
    return false;
  }
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

int priority(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return 3;
    case LogLevel::warning:
      return 4;
    case LogLevel::info:
      return 6;
    case LogLevel::debug:
      break;
  }
  return 7;
}

const char* word(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      break;
  }
  return "debug";
}

// Whole seconds cannot show how soon an update followed a verdict.
std::string with_milliseconds(net::WallTime time) {
  const auto part = time - std::chrono::floor<std::chrono::seconds>(time);
  std::string digits =
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(part).count());
  digits.insert(0, 3 - digits.size(), '0');
  std::string text = net::format_rfc3339(time);
  return text.insert(text.size() - 1, "." + digits);
}

std::string prefixed(const LogLine& line, bool journal) {
  std::string text;
  if (journal) {
    text = "<" + std::to_string(priority(line.level)) + ">";
  } else {
    const net::WallTime now = std::chrono::system_clock::now();
    text = with_milliseconds(now) + " " + word(line.level) + " ";
  }
  text += to_string(line);
  if (text.size() >= kLineLimit) {
    text.resize(kLineLimit - 4);
    text += "...";
  }
  return text + "\n";
}

}  // namespace

StderrLog::StderrLog(LogLevel least, int descriptor)
    : least_(least), descriptor_(descriptor), journal_(is_journal(descriptor)) {
  thread_ = std::thread([this] { drain(); });
}

StderrLog::~StderrLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

void StderrLog::write(const LogLine& line) {
  if (line.level < least_) {
    return;
  }
  std::string text = prefixed(line, journal_);
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kQueueLimit) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(text));
  }
  ready_.notify_one();
}

void StderrLog::drain() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    std::string text = std::move(queue_.front());
    queue_.pop_front();
    if (dropped_ > 0) {
      const LogLine lost{LogLevel::warning, "log_dropped", {{"lines", std::to_string(dropped_)}}};
      dropped_ = 0;
      queue_.push_front(std::move(text));
      text = prefixed(lost, journal_);
    }
    lock.unlock();
    put(text);
    lock.lock();
  }
}

void StderrLog::put(const std::string& text) {
  std::size_t written = 0;
  int waited = 0;
  while (written < text.size()) {
    pollfd entry{descriptor_, POLLOUT, 0};
    constexpr int kSlice = 100;
    const int ready = ::poll(&entry, 1, kSlice);
    if (ready == 0) {
      const std::lock_guard lock(mutex_);
      waited += kSlice;
      if (ending_ && waited >= kPatience) {
        queue_.clear();
        return;
      }
      continue;
    }
    const ssize_t result = ::write(descriptor_, text.data() + written, text.size() - written);
    if (result > 0) {
      written += static_cast<std::size_t>(result);
    } else if (errno != EINTR && errno != EAGAIN) {
      return;
    }
  }
}

}  // namespace ronda::agent
