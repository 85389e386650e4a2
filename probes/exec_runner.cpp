#include "probes/exec_runner.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "probes/exec.hpp"
#include "probes/lag.hpp"

namespace ronda::probes {

namespace {

ProbeResult could_not_ask(std::string_view why) {
  return {.verdict = Verdict::unknown, .code = Code::PROCERR, .detail = printable(why)};
}

class ExecRunner final : public net::Cancellable {
 public:
  ExecRunner(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
             OnResult on_result)
      : loop_(engines.loop),
        overdue_(engines.overdue),
        codes_(std::get<ExecCheck>(check.protocol).exit_codes),
        argv_(command_of(std::get<ExecCheck>(check.protocol), endpoint)),
        environment_(environment_of(std::get<ExecCheck>(check.protocol), endpoint)),
        command_(argv_),
        timeout_(check.timeout),
        started_(loop_.now()),
        on_result_(std::move(on_result)),
        tracer_(engines.on_trace, check) {
    command_.insert(command_.end(), environment_.begin(), environment_.end());
  }
  ~ExecRunner() override {
    if (waiting_) {
      overdue_->forget(command_);
    }
  }

  void start() {
    timer_ = loop_.at(started_ + timeout_, [this] { on_deadline(); });
    waiting_ = overdue_->kill(command_, [this] {
      waiting_ = false;
      launch();
    });
    if (waiting_) {
      tracer_.note("waits until the run before this one is gone", elapsed());
    } else {
      launch();
    }
  }

 private:
  void launch() {
    for (const std::string& variable : environment_) {
      tracer_.note(variable, elapsed());
    }
    tracer_.sent(shell_text(argv_), elapsed());
    program_ = std::make_unique<Program>();
    program_->on_end = [this](const net::ChildExit& exit) { on_end(exit); };
    auto child = net::ChildProcess::start(
        loop_, {.argv = argv_, .environment = environment_, .ends_alone = true},
        [program = program_.get()](const net::ChildExit& exit) {
          const auto on_end = std::move(program->on_end);
          on_end(exit);
        });
    if (!child) {
      timer_ =
          loop_.at(loop_.now(), [this, text = child.error().text] { finish(could_not_ask(text)); });
      return;
    }
    program_->child = std::move(*child);
  }

  void on_end(const net::ChildExit& exit) {
    if (exit.not_started) {
      finish(could_not_ask(exit.not_started->text));
      return;
    }
    tracer_.heard(exit.output, elapsed());
    tracer_.finish();
    trace_errors(exit.errors);
    tracer_.note(exit.code < 0 ? "ended by signal " + std::to_string(exit.signal)
                               : "exit " + std::to_string(exit.code),
                 elapsed());
    finish(judge_exit(codes_, exit));
  }

  void trace_errors(std::string_view errors) {
    while (!errors.empty()) {
      const auto end = errors.find('\n');
      tracer_.note("stderr: " + std::string(errors.substr(0, end)), elapsed());
      errors.remove_prefix(end == std::string_view::npos ? errors.size() : end + 1);
    }
  }

  void on_deadline() {
    if (waiting_) {
      finish(could_not_ask("the run before this one does not end, though killed"));
      return;
    }
    // It may have begun or ended in time, and we not have been there to see it.
    auto excused = excuse_timeout(loop_.worst_lag_since(started_), timeout_);
    if (!excused && program_ && !program_->child->started()) {
      overdue_->end(loop_, command_, std::move(program_));
      finish(could_not_ask(argv_.front() + " could not be started within " +
                           net::format_duration(timeout_) + ": does the disk it is on answer?"));
      return;
    }
    tracer_.note("no end in time: SIGTERM to its process group", elapsed());
    overdue_->end(loop_, command_, std::move(program_));
    if (excused) {
      finish(std::move(*excused));
      return;
    }
    finish({.verdict = Verdict::fail,
            .code = Code::PROCTOUT,
            .detail = "no end within " + net::format_duration(timeout_)});
  }

  void finish(ProbeResult result) {
    result.phases.total = elapsed();
    result.detail = tracer_.hidden(std::move(result.detail));
    timer_.reset();
    // The callback may drop this object.
    const OnResult on_result = std::move(on_result_);
    on_result(result);
  }

  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  std::shared_ptr<Overdue> overdue_;
  ExitCodes codes_;
  std::vector<std::string> argv_;
  std::vector<std::string> environment_;
  Overdue::Command command_;
  net::Duration timeout_;
  net::SteadyTime started_;
  OnResult on_result_;
  Tracer tracer_;
  bool waiting_ = false;  // for the end of the run before
  std::unique_ptr<Program> program_{};
  net::Handle timer_{};
};

}  // namespace

net::Handle run_exec(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                     OnResult on_result) {
  auto runner = std::make_unique<ExecRunner>(engines, check, endpoint, std::move(on_result));
  runner->start();
  return runner;
}

}  // namespace ronda::probes
