#include <csignal>
#include <utility>

#include "agent/cli/commands.hpp"
#include "agent/cli/daemon.hpp"
#include "agent/cli/lock.hpp"
#include "agent/cli/output.hpp"
#include "agent/ops/stderr_log.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

SavedState saved_state(const Config& config, Log& log) {
  if (!config.state_dir) {
    return {};
  }
  auto saved = load_state(*config.state_dir, std::chrono::system_clock::now());
  if (!saved) {
    log.write({.level = LogLevel::warning,
               .event = "state_unusable",
               .fields = {{"reason", saved.error()}}});
    return {};
  }
  return std::move(*saved);
}

}  // namespace

int execute(const RunCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  ConfigResult read = read_config(command.config);
  if (!read) {
    show_problems(read.error());
    return kExitBadConfig;
  }
  // Before the environment is looked at: a check started by hand sees the same config, not the same
  // environment, and must find the same lock.
  auto lock = Lock::take(*read);
  if (!lock) {
    talk(lock.error().sentence);
    return kExitUnknown;
  }
  const Config config = with_environment(std::move(*read));
  StderrLog log;
  net::UvLoop loop;
  net::SystemRandom random;
  net::Worker worker(loop);
  Daemon daemon(loop, random, worker, log, config, saved_state(config, log));
  const auto socket = daemon.open_control();
  if (!socket) {
    talk(socket.error());
    return kExitUnknown;
  }
  if (!socket->empty()) {
    lock->publish_socket(*socket);
  }
  daemon.start([&] { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace ronda::agent
