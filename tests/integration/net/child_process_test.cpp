#include "net/child_process.hpp"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "tests/integration/net/run_loop.hpp"
#include "tests/integration/net/temporary_directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/held_file.hpp"

using namespace ronda::net;
using namespace std::chrono_literals;
using ronda::test::run;

namespace {

ChildExit run_child(const ChildSpec& spec) {
  UvLoop loop;
  std::optional<ChildExit> result;
  auto child = ChildProcess::start(loop, spec, [&](const ChildExit& exit) {
    result = exit;
    loop.stop();
  });
  REQUIRE(child);
  REQUIRE(run(loop));
  return *result;
}

// A pipe with a name: it ends when every process that holds its other side is gone.
struct Fifo {
  Fifo() {
    REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
    descriptor.reset(::open((directory / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  bool ends() const {
    pollfd wait{descriptor.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&wait, 1, 5000) == 1 && ::read(descriptor.get(), &byte, 1) == 0;
  }
  ronda::test::TemporaryDirectory directory{};
  Descriptor descriptor{};
};

}  // namespace

TEST_CASE("a child's exit, output and errors are reported") {
  const ChildExit exit = run_child({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
  CHECK(exit.code == 3);
  CHECK(exit.signal == 0);
  CHECK(exit.output == "out\n");
  CHECK(exit.errors == "err\n");
}

TEST_CASE("a child has the environment it is given and no descriptors of ours") {
  const ChildExit exit =
      run_child({.argv = {"sh", "-c", "env | grep -v -E '^(PWD|SHLVL|_|OLDPWD)='; ls /proc/$$/fd"},
                 .environment = {"RONDA_EVENT=test"}});
  CHECK(exit.output.starts_with("RONDA_EVENT=test\n0\n1\n2\n"));
  CHECK(exit.code == 0);
}

TEST_CASE("a child gets its input, and one that does not read it does no harm") {
  CHECK(run_child({.argv = {"cat"}, .input = "hello"}).output == "hello");
  const std::string large(1'000'000, 'x');
  CHECK(run_child({.argv = {"true"}, .input = large}).code == 0);
  CHECK(run_child({.argv = {"wc", "-c"}, .input = large}).output == "1000000\n");
}

TEST_CASE("output beyond the limit is read and dropped") {
  const ChildExit exit =
      run_child({.argv = {"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo done >&2"},
                 .output_limit = 100});
  CHECK(exit.code == 0);
  CHECK(exit.output == std::string(100, 'x'));
  CHECK(exit.errors == "done\n");
}

TEST_CASE("a signal is told apart from an exit") {
  const ChildExit exit = run_child({.argv = {"sh", "-c", "kill -TERM $$"}});
  CHECK(exit.signal == SIGTERM);
  CHECK(exit.code == -1);
}

TEST_CASE("SIGPIPE is back at its default in the child") {
  ::signal(SIGPIPE, SIG_IGN);
  const ChildExit exit = run_child({.argv = {"sh", "-c", "kill -PIPE $$; echo survived"}});
  CHECK(exit.signal == SIGPIPE);
  CHECK(exit.output.empty());
}

TEST_CASE("a program that is not there is our own fault and names it") {
  const ChildExit exit = run_child({.argv = {"/nonexistent/check"}});
  REQUIRE(exit.not_started);
  CHECK(exit.not_started->origin == Origin::ours);
  CHECK_THAT(exit.not_started->text, ContainsSubstring("/nonexistent/check"));
}

TEST_CASE("a program's file that does not answer holds nobody else") {
  const ronda::test::TemporaryDirectory directory;
  ronda::test::HeldFile held(directory / "check", "#!/bin/sh\nsleep 30\n");
  UvLoop loop;
  std::optional<ChildExit> result;
  auto stuck =
      ChildProcess::start(loop, {.argv = {directory / "check"}}, [&](const ChildExit& exit) {
        result = exit;
        loop.stop();
      });
  REQUIRE(stuck);
  (*stuck)->signal(SIGTERM);  // kept for when there is somebody to take it
  auto other = ChildProcess::start(loop, {.argv = {"true"}}, [&](const ChildExit& exit) {
    CHECK(exit.code == 0);
    loop.stop();
  });
  REQUIRE(other);
  REQUIRE(run(loop));
  CHECK_FALSE((*stuck)->started());
  CHECK_FALSE(result);
  held.let_go();
  REQUIRE(run(loop));
  CHECK(result->signal == SIGTERM);
}

TEST_CASE("a program dropped before it could start is killed and reaped when it does") {
  const ronda::test::TemporaryDirectory directory;
  ronda::test::HeldFile held(directory / "check", "#!/bin/sh\nsleep 30\n");
  UvLoop loop;
  auto child = ChildProcess::start(loop, {.argv = {directory / "check"}},
                                   [](const ChildExit&) { FAIL("called"); });
  REQUIRE(child);
  child->reset();
  held.let_go();
  // Its thread alone waits for it; until then it is our child.
  const auto limit = std::chrono::steady_clock::now() + 5s;
  siginfo_t info{};
  int gone = 0;
  while (std::chrono::steady_clock::now() < limit && gone == 0) {
    gone = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    ::poll(nullptr, 0, 1);
  }
  CHECK(gone == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("a grandchild that keeps the pipe does not delay the end") {
  UvLoop loop;
  std::optional<ChildExit> result;
  auto child = ChildProcess::start(loop, {.argv = {"sh", "-c", "sleep 30 & echo $$"}},
                                   [&](const ChildExit& exit) {
                                     result = exit;
                                     loop.stop();
                                   });
  REQUIRE(child);
  REQUIRE(run(loop));
  const pid_t group = std::stoi(result->output);
  CHECK(group > 0);
  ::kill(-group, SIGKILL);
}

TEST_CASE("dropping the handle kills the whole group, and no call follows") {
  Fifo fifo;
  UvLoop loop;
  const std::string script =
      "exec 9>" + (fifo.directory / "fifo") + "; sleep 30 & echo x >&9; sleep 30";
  auto child = ChildProcess::start(loop, {.argv = {"sh", "-c", script}},
                                   [](const ChildExit&) { FAIL("called"); });
  REQUIRE(child);
  const auto started = loop.watch(fifo.descriptor.get(), [&](Interest) {
    char text[2];
    REQUIRE(::read(fifo.descriptor.get(), text, 2) == 2);
    child->reset();
    loop.stop();
  });
  started->want(Interest::read);
  REQUIRE(run(loop));
  CHECK(fifo.ends());
}

TEST_CASE("signal() reaches the group, and the handle may go from inside the callback") {
  UvLoop loop;
  std::unique_ptr<ChildProcess> child;
  int signal = 0;
  auto started = ChildProcess::start(loop, {.argv = {"sleep", "30"}}, [&](const ChildExit& exit) {
    child.reset();
    signal = exit.signal;
    loop.stop();
  });
  REQUIRE(started);
  child = std::move(*started);
  child->signal(SIGTERM);
  REQUIRE(run(loop));
  CHECK(signal == SIGTERM);
}
