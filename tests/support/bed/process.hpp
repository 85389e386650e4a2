// A program run beside a test: started without a shell, told to end when the test dies, stopped by
// its own pid. A program that is missing is an error that names its Debian package, never a skipped
// test.
#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

using Arguments = std::vector<std::string>;

struct ProcessOptions {
  std::vector<std::string> environment{};  // "NAME=value", added to the test's own
  std::filesystem::path folder{};          // working folder; empty: the test's
  std::filesystem::path input{};           // file its stdin reads; empty: /dev/null
  std::filesystem::path output{};          // file its stdout goes to; empty: /dev/null
  std::filesystem::path errors{};          // the same for stderr; may equal `output`
  int death_signal = SIGTERM;  // sent when the test dies; TERM lets a master end its children
  bool own_group = false;      // stop() kills it and its children at once
};

struct Ended {
  int code = -1;   // exit status, or -1
  int signal = 0;  // the signal that ended it, or 0
  friend bool operator==(const Ended&, const Ended&) = default;
};

class Process {
 public:
  Process(const Arguments& arguments, const ProcessOptions& options);
  ~Process();  // stop()
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;
  void pause() const;  // SIGSTOP, and waits until it stands still; stop() works all the same
  // Waits for the end; throws when it has not come within `limit`.
  Ended wait(std::chrono::milliseconds limit = std::chrono::seconds(20));
  // SIGTERM, and SIGKILL when that is not enough within five seconds; with own_group SIGKILL to all
  // of them. Does nothing after the end.
  Ended stop();

 private:
  bool reap(std::chrono::milliseconds limit);

  pid_t pid_ = -1;
  int pidfd_ = -1;
  bool own_group_;
  bool ended_ = false;
  Ended end_{};
};

struct Finished {
  Ended end{};
  int code = -1;  // end.code
  std::string output{};
  std::string errors{};
};
struct RunOptions {
  std::vector<std::string> environment{};
  std::filesystem::path folder{};
  std::string input{};
  std::chrono::milliseconds limit = std::chrono::seconds(60);
};
// A program that goes its way beside the test and keeps everything it said.
class Errand {
 public:
  explicit Errand(const Arguments& arguments, const RunOptions& options = {});
  Finished finish();  // waits for its end

 private:
  TempFolder folder_{};
  std::chrono::milliseconds limit_;
  Process process_;
};

// Runs a program to its end.
Finished run(const Arguments& arguments, const RunOptions& options = {});

// Every process of this machine whose arguments have `text` in them.
std::vector<pid_t> processes_naming(const std::string& text);

// The program's full path, looked up in PATH and the sbin folders. Throws a sentence that names the
// Debian package when it is not there.
std::string require_program(const std::string& name, const std::string& package);

}  // namespace ronda::test
