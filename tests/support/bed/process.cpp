#include "tests/support/bed/process.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/bed/temp_folder.hpp"

namespace ronda::test {

namespace fs = std::filesystem;

namespace {

void redirect(const fs::path& file, int flags, int target) {
  const int descriptor = ::open(file.empty() ? "/dev/null" : file.c_str(), flags, 0644);
  if (descriptor < 0 || ::dup2(descriptor, target) < 0) {
    ::_exit(126);
  }
  if (descriptor != target) {
    ::close(descriptor);
  }
}

// Runs in the child between fork and exec. The test is single-threaded, so allocating is safe here.
[[noreturn]] void become(const Arguments& arguments, const ProcessOptions& options, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, options.death_signal);
  if (::getppid() != parent) {
    ::_exit(126);  // the test died before the line above
  }
  if (options.own_group) {
    ::setpgid(0, 0);
  }
  redirect(options.input, O_RDONLY, STDIN_FILENO);
  redirect(options.output, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
  redirect(options.errors, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
  for (const std::string& assignment : options.environment) {
    const std::size_t equals = assignment.find('=');
    ::setenv(assignment.substr(0, equals).c_str(), assignment.substr(equals + 1).c_str(), 1);
  }
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) {
    ::_exit(126);
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

Process::Process(const Arguments& arguments, const ProcessOptions& options)
    : own_group_(options.own_group) {
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw std::system_error(errno, std::generic_category(), "fork for " + arguments.at(0));
  }
  if (pid_ == 0) {
    become(arguments, options, parent);
  }
  if (own_group_) {
    ::setpgid(pid_, pid_);  // whoever of us two is first
  }
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) {
    const int cause = errno;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw std::system_error(cause, std::generic_category(), "pidfd_open for " + arguments.at(0));
  }
}

Process::~Process() {
  stop();
  ::close(pidfd_);
}

bool Process::reap(std::chrono::milliseconds limit) {
  if (ended_) {
    return true;
  }
  pollfd entry{pidfd_, POLLIN, 0};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  int ready = 0;
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    ready = ::poll(&entry, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
  } while (ready < 0 && errno == EINTR);
  int status = 0;
  if (ready <= 0 || ::waitpid(pid_, &status, 0) != pid_) {
    return false;
  }
  ended_ = true;
  end_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  end_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return true;
}

bool Process::running() {
  return !reap(std::chrono::milliseconds(0));
}

void Process::signal(int number) const {
  if (!ended_) {
    ::kill(pid_, number);
  }
}

void Process::pause() const {
  signal(SIGSTOP);
  siginfo_t ignored{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &ignored, WSTOPPED | WEXITED | WNOWAIT);
}

Ended Process::wait(std::chrono::milliseconds limit) {
  if (!reap(limit)) {
    throw std::runtime_error("process " + std::to_string(pid_) + " did not end within " +
                             std::to_string(limit.count()) + " ms");
  }
  return end_;
}

Ended Process::stop() {
  if (own_group_ && !ended_) {
    ::kill(-pid_, SIGKILL);
    reap(std::chrono::seconds(5));
    return end_;
  }
  signal(SIGTERM);
  signal(SIGCONT);  // one that is stopped would not see the TERM
  if (!reap(std::chrono::seconds(5))) {
    signal(SIGKILL);
    reap(std::chrono::seconds(5));
  }
  return end_;
}

namespace {

ProcessOptions errand_options(const RunOptions& options, const TempFolder& folder) {
  ProcessOptions process_options;
  process_options.environment = options.environment;
  process_options.folder = options.folder;
  process_options.output = folder / "output";
  process_options.errors = folder / "errors";
  if (!options.input.empty()) {
    process_options.input = folder.write("input", options.input);
  }
  return process_options;
}

}  // namespace

Errand::Errand(const Arguments& arguments, const RunOptions& options)
    : limit_(options.limit), process_(arguments, errand_options(options, folder_)) {}

Finished Errand::finish() {
  Finished finished;
  finished.end = process_.wait(limit_);
  finished.code = finished.end.code;
  finished.output = read_file(folder_ / "output");
  finished.errors = read_file(folder_ / "errors");
  return finished;
}

Finished run(const Arguments& arguments, const RunOptions& options) {
  return Errand(arguments, options).finish();
}

std::vector<pid_t> processes_naming(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos &&
        read_file(entry.path() / "cmdline").find(text) != std::string::npos) {
      found.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return found;
}

std::string require_program(const std::string& name, const std::string& package) {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  folders += ":/usr/sbin:/sbin:/usr/lib/postfix/sbin";
  std::size_t start = 0;
  while (start <= folders.size()) {
    const std::size_t end = std::min(folders.find(':', start), folders.size());
    const std::string candidate = folders.substr(start, end - start) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    start = end + 1;
  }
  throw std::runtime_error(name + " is not installed: apt-get install " + package);
}

}  // namespace ronda::test
