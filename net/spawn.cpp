#include "net/spawn.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/detached_thread.hpp"

namespace ronda::net {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// The errno of posix_spawn, 0 when the program runs.
int spawn(const ChildSpec& spec, const ChildPipes& pipes, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  if (pipes.in) {
    ::posix_spawn_file_actions_adddup2(&actions, pipes.in.get(), STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  ::posix_spawn_file_actions_adddup2(&actions, pipes.out.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.error.get(), STDERR_FILENO);
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

Spawned try_spawn(const ChildSpec& spec, const ChildPipes& pipes) {
  Spawned spawned;
  if (const int failure = spawn(spec, pipes, &spawned.pid); failure != 0) {
    spawned.pid = -1;
    spawned.fault = classify(Phase::open, failure);
    spawned.fault->origin = Origin::ours;
    spawned.fault->text =
        "cannot start " + spec.argv.front() + ": " +
        (failure == EAGAIN ? "no further process is allowed here" : spawned.fault->text);
    return spawned;
  }
  spawned.pid_descriptor.reset(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
  if (!spawned.pid_descriptor) {
    spawned.fault = classify(Phase::open, errno);
    ::kill(-spawned.pid, SIGKILL);
    ::waitpid(spawned.pid, nullptr, 0);
    spawned.pid = -1;
  }
  return spawned;
}

}  // namespace

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

void kill_and_reap(pid_t pid) {
  ::kill(-pid, SIGKILL);
  if (::waitpid(pid, nullptr, WNOHANG) != 0) {
    return;
  }
  // Without a thread for it the dead process stays in the table until we end.
  run_detached([pid] { ::waitpid(pid, nullptr, 0); });
}

struct Spawn::Shared {
  Shared(ChildSpec spec_in, ChildPipes pipes_in, Descriptor bell_in)
      : spec(std::move(spec_in)), pipes(std::move(pipes_in)), bell(std::move(bell_in)) {}

  void work() {
    Spawned outcome = try_spawn(spec, pipes);
    pipes = {};
    const std::lock_guard lock(mutex);
    if (abandoned) {
      if (outcome.pid > 0) {
        ::kill(-outcome.pid, SIGKILL);
        ::waitpid(outcome.pid, nullptr, 0);
      }
      return;
    }
    spawned = std::move(outcome);
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(bell.get(), &one, sizeof(one));
  }

  ChildSpec spec;    // the thread's
  ChildPipes pipes;  // the thread's
  Descriptor bell;
  std::mutex mutex{};
  bool abandoned = false;            // guarded by mutex
  std::optional<Spawned> spawned{};  // guarded by mutex
};

std::expected<std::unique_ptr<Spawn>, Fault> Spawn::begin(Loop& loop, ChildSpec spec,
                                                          ChildPipes pipes,
                                                          std::function<void(Spawned)> on_done) {
  Descriptor bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell) {
    return std::unexpected(classify(Phase::open, errno));
  }
  auto shared = std::make_shared<Shared>(std::move(spec), std::move(pipes), std::move(bell));
  std::unique_ptr<Spawn> start(new Spawn(shared));
  start->on_done_ = std::move(on_done);
  start->watch_ = loop.watch(shared->bell.get(), [raw = start.get()](Interest) { raw->ring(); });
  start->watch_->want(Interest::read);
  if (!run_detached([shared] { shared->work(); })) {
    return std::unexpected(Fault{
        Phase::open, EAGAIN, Origin::ours,
        "cannot start " + shared->spec.argv.front() + ": no further process is allowed here"});
  }
  return start;
}

Spawn::~Spawn() {
  watch_.reset();
  const std::lock_guard lock(shared_->mutex);
  shared_->abandoned = true;
  if (shared_->spawned && shared_->spawned->pid > 0) {
    kill_and_reap(shared_->spawned->pid);
  }
}

void Spawn::ring() {
  std::optional<Spawned> spawned;
  {
    const std::lock_guard lock(shared_->mutex);
    spawned.swap(shared_->spawned);
  }
  if (!spawned) {
    return;
  }
  watch_.reset();
  // The callback may drop this object.
  const auto on_done = std::move(on_done_);
  on_done(std::move(*spawned));
}

}  // namespace ronda::net
