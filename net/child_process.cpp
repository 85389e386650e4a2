#include "net/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "net/spawn.hpp"

namespace ronda::net {

namespace {

// Bytes read from one pipe in one turn of the loop.
constexpr std::size_t kReadPerTurn = 65536;
// Bytes read after the end: more than any pipe holds, less than a grandchild can write for ever.
constexpr std::size_t kLastRead = std::size_t{1} << 20;

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

// Our ends of its pipes.
struct Channels {
  Descriptor in{};
  Descriptor out{};
  Descriptor error{};
};

class Child final : public ChildProcess {
 public:
  Child(Loop& loop, const ChildSpec& spec, Channels channels,
        std::function<void(const ChildExit&)> on_exit)
      : loop_(loop),
        input_(spec.input),
        limit_(spec.output_limit),
        ends_alone_(spec.ends_alone),
        on_exit_(std::move(on_exit)) {
    in_.descriptor = std::move(channels.in);
    out_.descriptor = std::move(channels.out);
    error_.descriptor = std::move(channels.error);
  }
  ~Child() override {
    if (pid_ > 0) {
      kill_and_reap(pid_);
    }
  }

  std::optional<Fault> begin(ChildSpec spec, ChildPipes pipes) {
    auto start = Spawn::begin(loop_, std::move(spec), std::move(pipes),
                              [this](Spawned spawned) { on_start(std::move(spawned)); });
    if (!start) {
      return start.error();
    }
    start_ = std::move(*start);
    return std::nullopt;
  }

  bool started() const override { return pid_ > 0; }
  // Once reaped the number may be somebody else's.
  void signal(int number) override {
    if (pid_ > 0) {
      ::kill(-pid_, number);
    } else if (start_ && awaited_signal_ != SIGKILL) {
      awaited_signal_ = number;
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

  void on_start(Spawned spawned) {
    start_.reset();
    if (spawned.fault) {
      exit_.not_started = std::move(spawned.fault);
      finish();
      return;
    }
    pid_ = spawned.pid;
    pid_descriptor_ = std::move(spawned.pid_descriptor);
    end_watch_ = loop_.watch(pid_descriptor_.get(), [this](Interest) { ended(); });
    end_watch_->want(Interest::read);
    watch(out_, exit_.output);
    watch(error_, exit_.errors);
    if (input_.empty()) {
      in_.close();
    } else {
      in_.watch = loop_.watch(in_.descriptor.get(), [this](Interest) { write_input(); });
      in_.watch->want(Interest::write);
    }
    if (awaited_signal_ != 0) {
      ::kill(-pid_, awaited_signal_);
    }
  }

  void watch(Channel& channel, std::string& kept) {
    channel.watch = loop_.watch(channel.descriptor.get(), [this, &channel, &kept](Interest) {
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
    const pid_t pid = std::exchange(pid_, -1);
    if (reaped == pid && WIFEXITED(status)) {
      exit_.code = WEXITSTATUS(status);
    } else if (reaped == pid && WIFSIGNALED(status)) {
      exit_.signal = WTERMSIG(status);
    }
    read(out_, exit_.output, kLastRead);
    read(error_, exit_.errors, kLastRead);
    end_watch_.reset();
    in_.close();
    out_.close();
    error_.close();
    finish();
  }

  void finish() {
    // The callback may drop this object.
    const std::function<void(const ChildExit&)> on_exit = std::move(on_exit_);
    const ChildExit exit = std::move(exit_);
    on_exit(exit);
  }

  Loop& loop_;
  std::unique_ptr<Spawn> start_{};  // while it is being started
  int awaited_signal_ = 0;          // to be sent once it has started
  pid_t pid_ = -1;                  // while it runs
  Descriptor pid_descriptor_{};
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
  auto child =
      std::make_unique<Child>(loop, spec,
                              Channels{in ? std::move(in->write_end) : Descriptor(),
                                       std::move(out->read_end), std::move(error->read_end)},
                              std::move(on_exit));
  ChildPipes theirs{in ? std::move(in->read_end) : Descriptor(), std::move(out->write_end),
                    std::move(error->write_end)};
  if (auto fault = child->begin(spec, std::move(theirs))) {
    return std::unexpected(std::move(*fault));
  }
  return child;
}

}  // namespace ronda::net
