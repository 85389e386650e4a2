#include "net/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace ronda::net {

namespace {

// Bytes read from one pipe in one turn of the loop.
constexpr std::size_t kReadPerTurn = 65536;
// Bytes read after the end: more than any pipe holds, less than a grandchild can write for ever.
constexpr std::size_t kLastRead = std::size_t{1} << 20;
// How long a killed process is waited for in place before a thread takes that over.
constexpr int kReapMilliseconds = 2;

struct Pipe {
  Descriptor read_end{};
  Descriptor write_end{};
};

// Numbers above stdio's, so that the child's dup2 calls cannot overwrite one another.
std::optional<Pipe> open_pipe() {
  std::array<int, 2> numbers{};
  if (::pipe2(numbers.data(), O_CLOEXEC) != 0) {
    return std::nullopt;
  }
  Pipe pipe{Descriptor(numbers[0]), Descriptor(numbers[1])};
  for (Descriptor* end : {&pipe.read_end, &pipe.write_end}) {
    if (end->get() <= STDERR_FILENO) {
      end->reset(::fcntl(end->get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
      if (!*end) {
        return std::nullopt;
      }
    }
  }
  return pipe;
}

void make_non_blocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// write(2) that reports EPIPE without the signal, whatever the process does about SIGPIPE.
ssize_t write_quietly(int descriptor, const char* data, std::size_t length) {
  sigset_t pipe_signal;
  sigset_t old;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
  const ssize_t written = ::write(descriptor, data, length);
  const int error = errno;
  if (written < 0 && error == EPIPE) {
    const timespec none{};
    ::sigtimedwait(&pipe_signal, nullptr, &none);
  }
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  errno = error;
  return written;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// The errno of posix_spawn, 0 when the program runs.
int spawn(const ChildSpec& spec, const std::optional<Pipe>& in, const Pipe& out, const Pipe& error,
          pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  if (in) {
    ::posix_spawn_file_actions_adddup2(&actions, in->read_end.get(), STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  ::posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, error.write_end.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t signals;
  ::sigfillset(&signals);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const std::vector<char*> argv = pointers(spec.argv);
  const std::vector<char*> environment = pointers(spec.environment);
  const int result =
      ::posix_spawnp(pid, argv[0], &actions, &attributes, argv.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return result;
}

void kill_and_reap(pid_t pid, int pid_descriptor) {
  ::kill(-pid, SIGKILL);
  pollfd wait{pid_descriptor, POLLIN, 0};
  ::poll(&wait, 1, kReapMilliseconds);
  if (::waitpid(pid, nullptr, WNOHANG) == 0) {
    // Stuck in the kernel, on a dead disk for instance: the loop does not wait for it.
    std::thread([pid] { ::waitpid(pid, nullptr, 0); }).detach();
  }
}

class Child final : public ChildProcess {
 public:
  Child(Loop& loop, const ChildSpec& spec, pid_t pid, Descriptor pid_descriptor,
        std::array<Descriptor, 3> pipes, std::function<void(const ChildExit&)> on_exit)
      : pid_(pid),
        pid_descriptor_(std::move(pid_descriptor)),
        input_(spec.input),
        limit_(spec.output_limit),
        ends_alone_(spec.ends_alone),
        on_exit_(std::move(on_exit)) {
    in_.descriptor = std::move(pipes[0]);
    out_.descriptor = std::move(pipes[1]);
    error_.descriptor = std::move(pipes[2]);
    end_watch_ = loop.watch(pid_descriptor_.get(), [this](Interest) { ended(); });
    end_watch_->want(Interest::read);
    watch(loop, out_, exit_.output);
    watch(loop, error_, exit_.errors);
    if (input_.empty()) {
      in_.close();
    } else {
      in_.watch = loop.watch(in_.descriptor.get(), [this](Interest) { write_input(); });
      in_.watch->want(Interest::write);
    }
  }
  ~Child() override {
    if (running_) {
      kill_and_reap(pid_, pid_descriptor_.get());
    }
  }

  pid_t pid() const override { return pid_; }
  // Once reaped the number may be somebody else's.
  void signal(int number) override {
    if (running_) {
      ::kill(-pid_, number);
    }
  }

 private:
  struct Channel {
    Descriptor descriptor{};
    std::unique_ptr<Watch> watch{};  // goes before the descriptor
    void close() {
      watch.reset();
      descriptor.reset();
    }
  };

  void watch(Loop& loop, Channel& channel, std::string& kept) {
    channel.watch = loop.watch(channel.descriptor.get(), [this, &channel, &kept](Interest) {
      read(channel, kept, kReadPerTurn);
    });
    channel.watch->want(Interest::read);
  }

  void read(Channel& channel, std::string& kept, std::size_t most) {
    std::array<char, 8192> buffer;
    for (std::size_t total = 0; channel.descriptor && total < most;) {
      const ssize_t length = ::read(channel.descriptor.get(), buffer.data(), buffer.size());
      if (length > 0) {
        const auto size = static_cast<std::size_t>(length);
        kept.append(buffer.data(), std::min(size, limit_ - kept.size()));
        total += size;
      } else if (length < 0 && errno == EAGAIN) {
        return;
      } else if (length == 0 || errno != EINTR) {
        channel.close();
      }
    }
  }

  void write_input() {
    while (written_ < input_.size()) {
      const ssize_t length =
          write_quietly(in_.descriptor.get(), input_.data() + written_, input_.size() - written_);
      if (length >= 0) {
        written_ += static_cast<std::size_t>(length);
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        break;  // it closed its stdin: not every program reads it
      }
    }
    in_.close();
  }

  // Before it is reaped: until then nobody else can have its number.
  void kill_rest() const {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid_) {
      ::kill(-pid_, SIGKILL);
    }
  }

  void ended() {
    if (ends_alone_) {
      kill_rest();
    }
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0 || (reaped < 0 && errno == EINTR)) {
      return;
    }
    running_ = false;
    if (reaped == pid_ && WIFEXITED(status)) {
      exit_.code = WEXITSTATUS(status);
    } else if (reaped == pid_ && WIFSIGNALED(status)) {
      exit_.signal = WTERMSIG(status);
    }
    read(out_, exit_.output, kLastRead);
    read(error_, exit_.errors, kLastRead);
    end_watch_.reset();
    in_.close();
    out_.close();
    error_.close();
    // The callback may drop this object.
    const std::function<void(const ChildExit&)> on_exit = std::move(on_exit_);
    const ChildExit exit = std::move(exit_);
    on_exit(exit);
  }

  pid_t pid_;
  bool running_ = true;
  Descriptor pid_descriptor_;
  std::string input_;
  std::size_t written_ = 0;
  std::size_t limit_;
  bool ends_alone_;
  ChildExit exit_{};
  std::function<void(const ChildExit&)> on_exit_;
  Channel in_{};
  Channel out_{};
  Channel error_{};
  std::unique_ptr<Watch> end_watch_{};
};

}  // namespace

std::expected<std::unique_ptr<ChildProcess>, Fault> ChildProcess::start(
    Loop& loop, const ChildSpec& spec, std::function<void(const ChildExit&)> on_exit) {
  if (spec.argv.empty() || spec.argv.front().empty()) {
    return std::unexpected(Fault{Phase::open, EINVAL, Origin::ours, "no program to start"});
  }
  const bool has_input = !spec.input.empty();
  auto in = has_input ? open_pipe() : std::nullopt;
  auto out = open_pipe();
  auto error = open_pipe();
  if ((has_input && !in) || !out || !error) {
    return std::unexpected(classify(Phase::open, errno));
  }
  if (in) {
    make_non_blocking(in->write_end);
  }
  make_non_blocking(out->read_end);
  make_non_blocking(error->read_end);
  pid_t pid = -1;
  if (const int failure = spawn(spec, in, *out, *error, &pid); failure != 0) {
    Fault fault = classify(Phase::open, failure);
    fault.origin = Origin::ours;
    fault.text = "cannot start " + spec.argv.front() + ": " +
                 (failure == EAGAIN ? "no further process is allowed here" : fault.text);
    return std::unexpected(fault);
  }
  Descriptor pid_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pid_descriptor) {
    const Fault fault = classify(Phase::open, errno);
    kill_and_reap(pid, -1);
    return std::unexpected(fault);
  }
  std::array<Descriptor, 3> pipes{in ? std::move(in->write_end) : Descriptor(),
                                  std::move(out->read_end), std::move(error->read_end)};
  return std::make_unique<Child>(loop, spec, pid, std::move(pid_descriptor), std::move(pipes),
                                 std::move(on_exit));
}

}  // namespace ronda::net
