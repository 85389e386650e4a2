#include "agent/run/agent.hpp"

#include <algorithm>
#include <utility>

#include "agent/run/probe_runner.hpp"
#include "agent/run/report_targets.hpp"
#include "agent/run/state_saver.hpp"
#include "agent/run/zone_writer.hpp"
#include "net/curl_multi.hpp"
#include "net/resolver.hpp"
#include "net/tls_contexts.hpp"

namespace ronda::agent {

namespace {

using namespace std::chrono_literals;

// A one-shot run may be asked for some services only; the zones stay, since services point into
// them.
Config only(Config config, const std::vector<std::string>& services) {
  if (!services.empty()) {
    std::erase_if(config.services, [&](const ServiceConfig& service) {
      return std::ranges::find(services, service.id) == services.end();
    });
  }
  return config;
}

// Loading CA stores reads files: before the loop runs, or in the worker. A store that cannot be
// loaded is the probe's result to tell.
void build_contexts(const Config& config, net::TlsContexts& contexts) {
  for (const ZoneConfig& zone : config.zones) {
    if (zone.transport == dnsupdate::Transport::tls) {
      static_cast<void>(contexts.get(zone.tls));
    }
  }
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      for (const auto* list : {&member.checks, &member.reports}) {
        for (const MemberCheck& check : *list) {
          if (probes::may_use_tls(check.spec)) {
            static_cast<void>(contexts.get(check.spec.tls_settings));
          }
        }
      }
    }
  }
}

// CAs are renewed in place, by the distribution or by a script, and a check must not fail for that.
constexpr net::Duration kTrustLifetime = 1h;

net::Duration gap_of(const Config& config) {
  net::Duration shortest = 1h;
  for (const ServiceConfig& service : config.services) {
    for (const Member& member : service.members) {
      for (const auto* asked : {&member.checks, &member.reports}) {
        for (const MemberCheck& check : *asked) {
          shortest = std::min(shortest, check.timing.interval);
        }
      }
    }
  }
  return 2 * shortest;
}

}  // namespace

struct Agent::State {
  State(net::Loop& loop_in, net::Random& random_in, net::Worker& worker_in, Log& log_in,
        Config config, SavedState saved, AgentOptions options_in)
      : loop(loop_in),
        random(random_in),
        worker(worker_in),
        log(log_in),
        options(std::move(options_in)),
        curl(loop_in),
        resolver(loop_in),
        runner(loop_in, random_in, curl, tls, options.concurrency,
               [this](std::vector<ProbeFinished> results) { probed(std::move(results)); }),
        saver(worker_in, log_in, [this] { finish_if_saved(); }),
        reconciler(std::make_unique<Reconciler>(only(std::move(config), options.services),
                                                std::move(saved), options.purpose, loop_in.now(),
                                                loop_in.wall_now())),
        last_step(loop_in.now()) {
    build_contexts(reconciler->config(), tls);
  }

  void open_zones() {
    zones.clear();
    for (const ZoneConfig& zone : reconciler->config().zones) {
      zones.push_back(std::make_unique<ZoneWriter>(ZoneWriter::Surroundings{.loop = loop,
                                                                            .random = random,
                                                                            .resolver = resolver,
                                                                            .worker = worker,
                                                                            .tls = tls,
                                                                            .quota = quota},
                                                   zone, armed()));
    }
    gap = gap_of(reconciler->config());
  }

  bool armed() const {
    return options.purpose != Purpose::plan && reconciler->config().mode == WriteMode::enforce;
  }

  void step(const Event& event) {
    const net::SteadyTime now = loop.now();
    if (options.purpose == Purpose::daemon && loop.worst_lag_since(last_step) > gap) {
      last_step = now;
      perform(reconciler->step(LoopGap{}, now, loop.wall_now()));
    }
    last_step = now;
    perform(reconciler->step(event, now, loop.wall_now()));
    arm();
    if (next_config && !reconciler->writing()) {
      switch_over();
    }
  }

  void arm() {
    const auto wakeup = reconciler->next_wakeup();
    timer = wakeup ? loop.at(*wakeup, [this] { step(Tick{}); }) : nullptr;
  }

  void perform(std::vector<Action> actions) {
    for (Action& action : actions) {
      std::visit([this](auto& one) { act(one); }, action);
    }
  }

  void act(const StartProbes&) {
    runner.start(reconciler->probes(), options.purpose == Purpose::daemon && reloads == 0);
  }
  void act(ReadRrsets& action) {
    const std::size_t zone = action.zone;
    zones[zone]->read(std::move(action.keys),
                      [this, zone](std::vector<dnsupdate::ReadResult> results) {
                        step(ZoneRead{.zone = zone, .results = std::move(results)});
                      });
  }
  void act(WriteRrsets& action) {
    zones[action.zone]->write(
        std::move(action.changes),
        [this, zone = action.zone, flight = action.flight](dnsupdate::UpdateReport report) {
          step(ZoneWritten{.zone = zone, .flight = flight, .report = std::move(report)});
        });
  }
  void act(SaveState& action) {
    if (const auto& directory = reconciler->config().state_dir) {
      saver.save(*directory, std::move(action.state));
    }
  }
  void act(const Settled&) {
    runner.stop_all();
    done = true;
    finish_if_saved();
  }
  void act(const LogLine& line) { log.write(line); }

  void renew_trust() {
    trust_timer = loop.at(loop.now() + kTrustLifetime, [this] {
      auto renewed = std::make_shared<net::TlsContexts>(tls);
      worker.submit([renewed] { renewed->renew(); },
                    [this, renewed, before = reloads, still = std::weak_ptr<int>(alive)] {
                      if (still.expired()) {
                        return;
                      }
                      if (before == reloads) {
                        tls = std::move(*renewed);
                      }
                      renew_trust();
                    });
    });
  }

  void finish_if_saved() {
    if (done && saver.idle() && on_settled) {
      // Not from inside: whoever is told may drop us.
      finish = loop.at(loop.now(), [this] { std::exchange(on_settled, nullptr)(); });
    }
  }

  void probed(std::vector<ProbeFinished> results) {
    std::vector<std::size_t> probes;
    for (const ProbeFinished& one : results) {
      probes.push_back(one.probe);
    }
    step(ProbesFinished{.results = std::move(results)});
    if (done || switching) {
      return;
    }
    const ProbeTable& table = reconciler->probes();
    for (const std::size_t probe : probes) {
      if (options.purpose != Purpose::daemon && table.settled(probe)) {
        runner.stop(probe);
      } else {
        runner.next(probe, table.next_interval(probe, loop.now()));
      }
    }
  }

  // Not by way of the schedule: two words in one turn are two verdicts. What the schedule starts
  // finds them counted, and sees to it that they expire.
  std::expected<std::vector<std::string>, std::string> report(const ReportRequest& request) {
    const auto targets = report_targets(reconciler->config(), reconciler->probes(), request.name);
    if (!targets) {
      return std::unexpected(targets.error());
    }
    runner.hand_over();  // what was seen before this word counts before it
    std::vector<std::string> names;
    ProbesFinished told;
    for (const ReportTarget& target : *targets) {
      names.push_back(target.service + "/" + target.replica);
      const probes::Report* before = runner.reports().find(target.service, target.replica);
      // Who reports every few seconds fills no log.
      if (before == nullptr || before->word != request.word) {
        log.write({.level = LogLevel::info,
                   .event = "report",
                   .fields = {{"service", target.service},
                              {"replica", target.replica},
                              {"verdict", probes::to_string(request.word.verdict)},
                              {"reason", request.word.reason},
                              {"uid", request.uid}}});
      }
      const std::uint64_t number =
          runner.reports().tell(target.service, target.replica, request.word, loop.now()).number;
      for (const std::size_t probe : target.probes) {
        probes::ProbeResult result =
            probes::judge_word(request.word, net::Duration(0), net::Duration(1));
        result.report = number;
        told.results.push_back({.probe = probe, .result = std::move(result)});
      }
    }
    step(told);
    return names;
  }

  // Between two turns, so that nothing that is being replaced is on the stack.
  void switch_over() {
    if (switching) {
      return;
    }
    switching = loop.at(loop.now(), [this] {
      const net::Handle keep = std::move(switching);
      if (reconciler->writing()) {
        return;  // the next step tries again
      }
      runner.stop_all();
      auto next = std::make_unique<Reconciler>(std::move(*next_config), SavedState{},
                                               options.purpose, loop.now(), loop.wall_now());
      next_config.reset();
      tls = std::move(*next_tls);
      next->carry(*reconciler);
      zones.clear();
      reconciler = std::move(next);
      ++reloads;
      open_zones();
      step(Tick{});
    });
  }

  net::Loop& loop;
  net::Random& random;
  net::Worker& worker;
  Log& log;
  AgentOptions options;
  net::CurlMulti curl;
  net::TlsContexts tls{};
  net::Resolver resolver;
  std::shared_ptr<dnsupdate::ServerQuota> quota = std::make_shared<dnsupdate::ServerQuota>();
  ProbeRunner runner;
  StateSaver saver;
  std::unique_ptr<Reconciler> reconciler;
  std::vector<std::unique_ptr<ZoneWriter>> zones{};
  std::function<void()> on_settled{};
  std::optional<Config> next_config{};
  std::shared_ptr<int> alive = std::make_shared<int>(0);  // the worker's answers may come after us
  std::shared_ptr<net::TlsContexts> next_tls{};
  bool done = false;
  int reloads = 0;
  net::SteadyTime last_step{};
  net::Duration gap{};
  net::Handle timer{};
  net::Handle trust_timer{};
  net::Handle finish{};
  net::Handle switching{};
};

Agent::Agent(net::Loop& loop, net::Random& random, net::Worker& worker, Log& log, Config config,
             SavedState saved, AgentOptions options)
    : state_(std::make_unique<State>(loop, random, worker, log, std::move(config), std::move(saved),
                                     std::move(options))) {}

Agent::~Agent() = default;

void Agent::start(std::function<void()> on_settled) {
  state_->on_settled = std::move(on_settled);
  state_->open_zones();
  state_->renew_trust();
  state_->step(Tick{});
}

void Agent::when_left(std::function<void()> left) {
  state_->timer.reset();  // what was to be decided has been
  state_->runner.when_left(std::move(left));
}

void Agent::reload(Config config) {
  auto contexts = std::make_shared<net::TlsContexts>();
  auto next = std::make_shared<Config>(only(std::move(config), state_->options.services));
  State* state = state_.get();
  state->worker.submit([contexts, next] { build_contexts(*next, *contexts); },
                       [state, contexts, next, still = std::weak_ptr<int>(state->alive)] {
                         if (still.expired()) {
                           return;
                         }
                         state->next_config = std::move(*next);
                         state->next_tls = contexts;
                         if (!state->reconciler->writing()) {
                           state->switch_over();
                         }
                       });
}

std::expected<std::vector<std::string>, std::string> Agent::report(const ReportRequest& request) {
  return state_->report(request);
}

Snapshot Agent::snapshot() const {
  return state_->reconciler->snapshot(state_->loop.wall_now());
}

Agent::Progress Agent::progress() const {
  const ProbeTable& table = state_->reconciler->probes();
  Progress progress{.judged = 0, .probes = table.size()};
  for (std::size_t id = 0; id < table.size(); ++id) {
    progress.judged += table.settled(id) ? 1U : 0U;
  }
  return progress;
}

}  // namespace ronda::agent
