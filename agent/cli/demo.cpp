// `ronda demo`: a real named, a real agent and four small web servers on loopback, for twelve
// seconds. One web server stops and starts again; the audience sees the DNS answer follow.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/demo_stage.hpp"
#include "agent/cli/demo_view.hpp"
#include "agent/cli/output.hpp"
#include "agent/config/reader.hpp"
#include "agent/run/agent.hpp"
#include "net/uv_loop.hpp"

namespace ronda::agent {
namespace {

constexpr auto kGlance = std::chrono::milliseconds(50);  // between two looks at the DNS
constexpr auto kPause = std::chrono::milliseconds(700);  // for the eye
constexpr auto kPatience = std::chrono::seconds(10);     // for one scene
constexpr std::size_t kVictim = 1;

// Prints with the time since the curtain rose.
class Narrator final : public Log {
 public:
  Narrator(net::Loop& loop, bool color) : loop_(loop), color_(color), start_(loop.now()) {}

  void scene(const std::string& text) { line(bold(text)); }
  void detail(const std::string& text) { line("  " + text); }
  void write(const LogLine& line_of_agent) override {
    line("  ronda: " + to_string(line_of_agent));
  }
  double elapsed() const { return net::to_seconds(loop_.now() - start_); }

 private:
  std::string bold(const std::string& text) const {
    return color_ ? "\033[1m" + text + "\033[0m" : text;
  }
  void line(const std::string& text) {
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%6.2f s  ", elapsed());
    say(time.data() + text + "\n");
  }
  net::Loop& loop_;
  bool color_;
  net::SteadyTime start_;
};

// The scenes, each started by the end of the one before.
class Play {
 public:
  Play(net::UvLoop& loop, net::Random& random, net::Worker& worker, Narrator& narrator,
       DemoStage& stage, const Config& config)
      : loop_(loop),
        narrator_(narrator),
        stage_(stage),
        view_(loop, random, config.zones.front(), stage.server(), std::string(DemoStage::kName)),
        agent_(loop, random, worker, narrator, config, {}, {.purpose = Purpose::daemon}) {}

  void open();
  int exit() const { return exit_; }
  void fail(const std::string& sentence) {
    if (ending_) {
      return;
    }
    talk("the demo failed: " + sentence);
    end(kExitUnknown);
  }
  void interrupt() {
    narrator_.scene("interrupted; cleaning up");
    constexpr int kInterrupted = 130;
    end(kInterrupted);
  }

 private:
  using Done = std::function<void()>;
  void settle();
  void break_one();
  void mend_it();
  void close();
  void end(int code);
  // Looks until `seen` holds of the answer.
  void watch_dns(std::function<bool(const DemoView::Answer&)> seen, Done done);
  void show_answer(const DemoView::Answer& answer);
  void later(net::Duration pause, Done what) {
    timer_ = loop_.at(loop_.now() + pause, std::move(what));
  }

  net::UvLoop& loop_;
  Narrator& narrator_;
  DemoStage& stage_;
  DemoView view_;
  Agent agent_;
  net::Handle timer_{};
  net::SteadyTime scene_start_{};
  net::SteadyTime broken_at_{};
  int exit_ = 0;
  bool ending_ = false;
};

void Play::open() {
  narrator_.scene("named serves demo.test on " + stage_.server().to_string() +
                  "; four web servers stand on " + stage_.replica(0).to_string() + " to " +
                  stage_.replica(DemoStage::kReplicas - 1).to_string());
  auto started = stage_.start_named([this](const std::string& said) {
    fail("named ended by itself; its last words: " + said.substr(said.rfind('\n') + 1));
  });
  if (!started) {
    fail(started.error());
    return;
  }
  scene_start_ = loop_.now();
  watch_dns([](const DemoView::Answer& answer) { return answer.size() == DemoStage::kReplicas; },
            [this] {
              narrator_.scene("named answers; ronda starts, and adopts the zone as it is");
              agent_.start([] {});
              scene_start_ = loop_.now();
              settle();
            });
}

// Until every replica has been judged.
void Play::settle() {
  const Agent::Progress progress = agent_.progress();
  if (progress.probes > 0 && progress.judged == progress.probes) {
    narrator_.scene("all four replicas are up, and nothing was written");
    later(kPause, [this] { break_one(); });
    return;
  }
  if (loop_.now() - scene_start_ > kPatience) {
    fail("the replicas were not judged in time");
    return;
  }
  later(kGlance, [this] { settle(); });
}

void Play::break_one() {
  narrator_.scene("web2 (" + stage_.replica(kVictim).to_string() + ") stops");
  stage_.stop_replica(kVictim);
  broken_at_ = scene_start_ = loop_.now();
  watch_dns(
      [](const DemoView::Answer& answer) {
        return !answer.empty() && answer.size() < DemoStage::kReplicas;
      },
      [this] {
        std::array<char, 96> text{};
        std::snprintf(text.data(), text.size(), "the DNS answer left web2 out after %.2f s",
                      net::to_seconds(loop_.now() - broken_at_));
        narrator_.scene(text.data());
        later(kPause, [this] { mend_it(); });
      });
}

void Play::mend_it() {
  narrator_.scene("web2 starts again");
  if (auto started = stage_.start_replica(kVictim); !started) {
    fail(started.error());
    return;
  }
  broken_at_ = scene_start_ = loop_.now();
  watch_dns([](const DemoView::Answer& answer) { return answer.size() == DemoStage::kReplicas; },
            [this] {
              std::array<char, 96> text{};
              std::snprintf(text.data(), text.size(), "web2 is back in the answer after %.2f s",
                            net::to_seconds(loop_.now() - broken_at_));
              narrator_.scene(text.data());
              later(kPause, [this] { close(); });
            });
}

void Play::close() {
  narrator_.scene("that is all; everything made for this is removed again");
  end(0);
}

void Play::end(int code) {
  if (ending_) {
    return;
  }
  ending_ = true;
  exit_ = code;
  timer_.reset();
  stage_.stop_named([this] { loop_.stop(); });
  // named usually ends in 50 ms; when it does not, the stage kills it.
  later(std::chrono::seconds(1), [this] { loop_.stop(); });
}

void Play::watch_dns(std::function<bool(const DemoView::Answer&)> seen, Done done) {
  view_.ask([this, seen = std::move(seen), done = std::move(done)](const DemoView::Answer& answer) {
    if (ending_) {
      return;
    }
    if (seen(answer)) {
      done();
      show_answer(answer);
      return;
    }
    if (loop_.now() - scene_start_ > kPatience) {
      fail("the DNS answer did not follow in time");
      return;
    }
    later(kGlance, [this, seen, done] { watch_dns(seen, done); });
  });
}

void Play::show_answer(const DemoView::Answer& answer) {
  narrator_.detail("$ " + view_.command());
  for (const std::string& address : answer) {
    narrator_.detail("  " + address);
  }
}

}  // namespace

int execute(const DemoCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  net::UvLoop loop;
  net::SystemRandom random;
  net::Worker worker(loop);
  std::function<void()> on_interrupt = [] {};
  const net::Handle interrupt = loop.on_signal(SIGINT, [&] { on_interrupt(); });
  const net::Handle terminate = loop.on_signal(SIGTERM, [&] { on_interrupt(); });
  // A window that is closed must not leave named and its folder behind.
  const net::Handle hang_up = loop.on_signal(SIGHUP, [&] { on_interrupt(); });
  auto stage = DemoStage::build(loop, random);
  if (!stage) {
    talk(stage.error());
    return kExitUnknown;
  }
  const ConfigResult config = read_config((*stage)->config());
  if (!config) {
    show_problems(config.error());
    talk("the demo's own config is refused; please report it");
    return kExitUnknown;
  }
  Narrator narrator(loop, color_wanted() && !command.script);
  narrator.scene("a failover on this machine; nothing outside " + (*stage)->folder().string() +
                 " is touched");
  Play play(loop, random, worker, narrator, **stage, *config);
  on_interrupt = [&] { play.interrupt(); };
  play.open();
  loop.run();
  return play.exit();
}

}  // namespace ronda::agent
