// The long-running agent with everything around it: signals, control socket, reload, the service
// manager. Borrows loop, worker and log, so that the demo can run one on its own loop.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/reader.hpp"
#include "agent/ops/control_api.hpp"
#include "agent/ops/log.hpp"
#include "agent/run/agent.hpp"
#include "net/loop.hpp"
#include "net/random.hpp"
#include "net/worker.hpp"

namespace ronda::agent {

// The config with what the service manager provides ($STATE_DIRECTORY) filled in.
Config with_environment(Config config);

class Daemon {
 public:
  Daemon(net::Loop& loop, net::Random& random, net::Worker& worker, Log& log, Config config,
         SavedState saved);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  // Opens the control socket where the config or the environment says. The error is a sentence; a
  // usual place that cannot be had is only a warning and yields an empty path.
  std::expected<std::filesystem::path, std::string> open_control();
  // Starts probing; `on_stop` is called on SIGTERM and SIGINT.
  void start(std::function<void()> on_stop);
  Snapshot snapshot() const { return agent_.snapshot(); }

 private:
  std::expected<std::vector<std::string>, std::string> report(const ReportCall& call);
  void reload(const std::function<void(std::vector<std::string>)>& done);
  std::vector<std::string> take_over(ConfigResult& result);
  void keep_watchdog();
  void log_line(LogLevel level, const char* event,
                std::vector<std::pair<std::string, std::string>> fields);

  net::Loop& loop_;
  net::Worker& worker_;
  Log& log_;
  Config config_;  // in force
  Agent agent_;
  std::unique_ptr<ControlApi> control_{};
  std::vector<net::Handle> signals_{};
  net::Handle watchdog_{};
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // a reload's end finds us gone by it
};

}  // namespace ronda::agent
