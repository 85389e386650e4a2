#include "agent/cli/daemon.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "agent/cli/daemon_client.hpp"
#include "agent/cli/output.hpp"
#include "agent/ops/notify.hpp"

namespace ronda::agent {
namespace {

std::size_t replica_count(const Config& config) {
  std::size_t count = 0;
  for (const ServiceConfig& service : config.services) {
    count += service.members.size();
  }
  return count;
}

std::string summary(const Config& config) {
  return std::to_string(config.services.size()) + " services, " +
         std::to_string(replica_count(config)) + " replicas, " + to_string(config.mode);
}

}  // namespace

Config with_environment(Config config) {
  const char* state = std::getenv("STATE_DIRECTORY");
  if (!config.state_dir && state != nullptr && state[0] != '\0') {
    const std::string folders = state;  // several are separated by colons
    config.state_dir = folders.substr(0, folders.find(':'));
  }
  return config;
}

Daemon::Daemon(net::Loop& loop, net::Random& random, net::Worker& worker, Log& log, Config config,
               SavedState saved)
    : loop_(loop),
      worker_(worker),
      log_(log),
      config_(config),
      agent_(loop, random, worker, log, std::move(config), std::move(saved),
             {.purpose = Purpose::daemon}) {}

Daemon::~Daemon() {
  if (!signals_.empty()) {
    notify_manager("STOPPING=1");
    log_line(LogLevel::info, "stopped", {});
  }
}

void Daemon::log_line(LogLevel level, const char* event,
                      std::vector<std::pair<std::string, std::string>> fields) {
  log_.write({.level = level, .event = event, .fields = std::move(fields)});
}

std::expected<std::filesystem::path, std::string> Daemon::open_control() {
  const ControlCallbacks callbacks{
      .snapshot = [this] { return agent_.snapshot(); },
      .reload = [this](const auto& done) { reload(done); },
      .report = [this](const ReportCall& call) { return report(call); },
  };
  if (config_.control_socket) {
    auto opened = ControlApi::open(loop_, worker_, *config_.control_socket, callbacks);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    control_ = std::move(*opened);
    return *config_.control_socket;
  }
  std::filesystem::path usual = usual_sockets().front();
  auto opened = ControlApi::open(loop_, worker_, usual, callbacks);
  if (!opened) {
    log_line(LogLevel::warning, "control_unavailable",
             {{"socket", usual.string()}, {"reason", opened.error()}});
    return std::filesystem::path();
  }
  control_ = std::move(*opened);
  return usual;
}

std::expected<std::vector<std::string>, std::string> Daemon::report(const ReportCall& call) {
  const auto verdict = probes::parse_verdict(call.verdict);
  if (!verdict) {
    return std::unexpected("a verdict is pass, warn or fail");
  }
  return agent_.report({.name = call.replica,
                        .word = {.verdict = *verdict, .reason = probes::reason_of(call.reason)},
                        .uid = call.uid ? std::to_string(*call.uid) : "unknown"});
}

void Daemon::start(std::function<void()> on_stop) {
  signals_.push_back(loop_.on_signal(SIGTERM, on_stop));
  signals_.push_back(loop_.on_signal(SIGINT, on_stop));
  signals_.push_back(loop_.on_signal(SIGHUP, [this] { reload([](const auto&) {}); }));
  for (const std::string& warning : config_.warnings) {
    log_line(LogLevel::warning, "config_warning", {{"text", warning}});
  }
  log_line(LogLevel::info, "started",
           {{"version", RONDA_VERSION},
            {"config", config_.file.string()},
            {"services", std::to_string(config_.services.size())},
            {"replicas", std::to_string(replica_count(config_))},
            {"mode", to_string(config_.mode)}});
  agent_.start([] {});
  notify_manager("READY=1\nSTATUS=" + summary(config_));
  keep_watchdog();
}

// Fed from the loop itself: a loop that hangs is a daemon that must be restarted.
void Daemon::keep_watchdog() {
  const char* microseconds = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  const long long period = microseconds == nullptr ? 0 : std::atoll(microseconds);
  if (period <= 0 || (pid != nullptr && std::atol(pid) != ::getpid())) {
    return;
  }
  watchdog_ = loop_.at(loop_.now() + std::chrono::microseconds(period / 2), [this] {
    notify_manager("WATCHDOG=1");
    keep_watchdog();
  });
}

void Daemon::reload(const std::function<void(std::vector<std::string>)>& done) {
  notify_reloading();
  auto result = std::make_shared<std::optional<ConfigResult>>();
  worker_.submit([result, file = config_.file] { result->emplace(read_config(file)); },
                 [this, result, done, alive = std::weak_ptr<int>(alive_)] {
                   if (alive.expired()) {
                     return;
                   }
                   const std::vector<std::string> errors = take_over(**result);
                   notify_manager("READY=1\nSTATUS=" + summary(config_));
                   done(errors);
                 });
}

std::vector<std::string> Daemon::take_over(ConfigResult& result) {
  if (!result) {
    std::vector<std::string> errors = to_sentences(result.error());
    for (const std::string& error : errors) {
      log_line(LogLevel::error, "config_error", {{"text", error}});
    }
    log_line(LogLevel::error, "reload_failed",
             {{"config", config_.file.string()}, {"problems", std::to_string(errors.size())}});
    return errors;
  }
  for (const std::string& warning : result->warnings) {
    log_line(LogLevel::warning, "config_warning", {{"text", warning}});
  }
  *result = with_environment(std::move(*result));
  if (result->control_socket != config_.control_socket || result->state_dir != config_.state_dir) {
    log_line(LogLevel::warning, "restart_needed",
             {{"reason", "control.socket and state_dir change only with a restart"}});
  }
  config_ = std::move(*result);
  agent_.reload(config_);
  log_line(LogLevel::info, "reloaded",
           {{"config", config_.file.string()},
            {"services", std::to_string(config_.services.size())},
            {"replicas", std::to_string(replica_count(config_))},
            {"mode", to_string(config_.mode)}});
  return {};
}

}  // namespace ronda::agent
