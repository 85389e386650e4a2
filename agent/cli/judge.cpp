// `ronda check` and `ronda plan`: one round of probing, deciding and, for check, writing. While a
// daemon with the same config is at work, check shows what the daemon sees instead.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include "agent/cli/commands.hpp"
#include "agent/cli/daemon_client.hpp"
#include "agent/cli/lock.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/reader.hpp"
#include "agent/config/suggestion.hpp"
#include "agent/ops/control_socket.hpp"
#include "agent/ops/status_json.hpp"
#include "agent/ops/status_text.hpp"
#include "agent/ops/stderr_log.hpp"
#include "agent/run/agent.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);

std::vector<std::string> unknown_services(const JudgeCommand& command, const Config& config) {
  std::vector<std::string_view> known;
  for (const ServiceConfig& service : config.services) {
    known.push_back(service.id);
  }
  std::vector<std::string> errors;
  for (const std::string& asked : command.services) {
    if (std::find(known.begin(), known.end(), asked) == known.end()) {
      errors.push_back("no service is called \"" + asked + "\" in " + config.file.string() +
                       suggest(asked, known));
    }
  }
  return errors;
}

// The socket of a daemon that has this very config and answers.
std::optional<std::filesystem::path> own_daemon(const LockHolder& holder, const Config& config) {
  const bool same = holder.config == std::filesystem::absolute(config.file).string();
  if (same && holder.socket && control_socket_answers(*holder.socket)) {
    return holder.socket;
  }
  return std::nullopt;
}

using LockOrDaemon = std::variant<Lock, std::filesystem::path, std::string>;

// Waits for the lock; a daemon that may be starting is asked as soon as it answers.
LockOrDaemon lock_or_daemon(const JudgeCommand& command, const Config& config) {
  const auto end = std::chrono::steady_clock::now() + command.lock_wait;
  bool said = false;
  while (true) {
    auto lock = Lock::take(config);
    if (lock) {
      return std::move(*lock);
    }
    const LockRefusal& refusal = lock.error();
    if (!refusal.holder) {
      return refusal.sentence;
    }
    if (const auto socket = own_daemon(*refusal.holder, config)) {
      return *socket;
    }
    if (std::chrono::steady_clock::now() >= end) {
      return refusal.sentence + " (waited " + net::format_duration(command.lock_wait) +
             ", see --lock-wait)";
    }
    if (talk_is_seen() && !std::exchange(said, true)) {
      talk("waiting: " + refusal.sentence);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

// "3/12 judged", redrawn in place; nothing where nobody looks, or where log lines would run into
// it.
class Progress {
 public:
  Progress(net::Loop& loop, const Agent& agent, bool log_is_shown) : loop_(loop), agent_(agent) {
    if (talk_is_seen() && !log_is_shown) {
      redraw_later();
    }
  }
  ~Progress() {
    if (drawn_) {
      std::fputs("\r\033[K", stderr);
    }
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void redraw_later() {
    timer_ = loop_.at(loop_.now() + kRedraw, [this] {
      const Agent::Progress progress = agent_.progress();
      std::fprintf(stderr, "\r%zu/%zu judged\033[K", progress.judged, progress.probes);
      std::fflush(stderr);
      drawn_ = true;
      redraw_later();
    });
  }
  net::Loop& loop_;
  const Agent& agent_;
  net::Handle timer_{};
  bool drawn_ = false;
};

SavedState saved_state(const Config& config) {
  if (!config.state_dir) {
    return {};
  }
  auto saved = load_state(*config.state_dir, std::chrono::system_clock::now());
  if (!saved) {
    talk(saved.error());
    return {};
  }
  return std::move(*saved);
}

void show(const JudgeCommand& command, const Snapshot& snapshot) {
  say(command.json ? to_json(snapshot)
                   : to_text(snapshot, {.color = color_wanted(), .changes_only = command.quiet}));
}

// The report does not wait for the goodbyes to the servers, the program's end does.
int judge(const JudgeCommand& command, const Config& config, SavedState saved) {
  std::unique_ptr<Log> log;
  if (command.verbose) {
    log = std::make_unique<StderrLog>(LogLevel::info);
  } else {
    log = std::make_unique<NoLog>();
  }
  net::UvLoop loop;
  net::SystemRandom random;
  net::Worker worker(loop);
  const AgentOptions options{.purpose = command.plan ? Purpose::plan : Purpose::check,
                             .services = command.services};
  Agent agent(loop, random, worker, *log, config, std::move(saved), options);
  const net::Handle on_interrupt = loop.on_signal(SIGINT, [&] { loop.stop(); });
  const net::Handle on_terminate = loop.on_signal(SIGTERM, [&] { loop.stop(); });
  std::optional<Progress> progress;
  progress.emplace(loop, agent, command.verbose);
  std::optional<Snapshot> judged;
  agent.start([&] {
    progress.reset();
    judged = agent.snapshot();
    show(command, *judged);
    agent.when_left([&] { loop.stop(); });
  });
  loop.run();
  if (!judged) {  // interrupted
    progress.reset();
    judged = agent.snapshot();
    judged->errors.push_back(
        "interrupted before every replica was judged; an update on its way may still land");
    show(command, *judged);
  }
  return exit_code(*judged);
}

}  // namespace

int execute(const JudgeCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  const ConfigResult config = read_config(command.config);
  if (!config) {
    const std::vector<std::string> errors = to_sentences(config.error());
    if (!command.json) {
      show_problems(config.error());
    }
    return could_not_judge(command.json, WriteMode::enforce, errors);
  }
  if (!command.json && !command.quiet) {
    for (const std::string& warning : config->warnings) {
      talk_plain(warning);
    }
  }
  const std::vector<std::string> unknown = unknown_services(command, *config);
  if (!unknown.empty()) {
    for (const std::string& error : unknown) {
      talk(error);
    }
    return could_not_judge(command.json, config->mode, unknown);
  }
  std::optional<LockOrDaemon> held;
  if (!command.plan) {  // a plan writes nothing: it may run beside whoever does
    held.emplace(lock_or_daemon(command, *config));
    if (const auto* socket = std::get_if<std::filesystem::path>(&*held)) {
      if (!command.json && !command.quiet) {
        talk("the daemon is at work; this is what it sees");
      }
      return show_daemon_status(*socket, command.services, command.json);
    }
    if (const auto* refusal = std::get_if<std::string>(&*held)) {
      talk(*refusal);
      return could_not_judge(command.json, config->mode, {*refusal});
    }
  }
  return judge(command, *config, saved_state(*config));
}

}  // namespace ronda::agent
