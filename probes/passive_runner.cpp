#include "probes/passive_runner.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "probes/dialogue.hpp"
#include "probes/passive.hpp"
#include "probes/reports.hpp"

namespace ronda::probes {

namespace {

// Rewriting the file is another report, also with the same word in it.
std::uint64_t number_of(const net::FileContent& file, const Word& word) {
  const std::string whole = std::to_string(file.modified.time_since_epoch().count()) + " " +
                            std::to_string(file.inode) + " " + to_string(word.verdict) + " " +
                            word.reason;
  return std::hash<std::string>()(whole) | 1U;
}

class PassiveRunner final : public net::Cancellable {
 public:
  PassiveRunner(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                OnResult on_result)
      : loop_(engines.loop),
        reports_(engines.reports),
        passive_(std::get<PassiveCheck>(check.protocol)),
        timeout_(check.timeout),
        address_(endpoint.ip),
        started_(loop_.now()),
        on_result_(std::move(on_result)),
        tracer_(engines.on_trace, check) {}

  void start() {
    if (passive_.file.empty()) {
      timer_ = loop_.at(loop_.now(), [this] { tell_last(); });
      return;
    }
    tracer_.note("reads " + passive_.file, elapsed());
    timer_ = loop_.at(started_ + timeout_, [this] { on_deadline(); });
    file_ = reports_->read(loop_, passive_.file,
                           [this](const net::FileOutcome& file) { on_file(file); });
  }

 private:
  void tell_last() {
    const Report* report = reports_->find(passive_.service, passive_.replica);
    if (report == nullptr) {
      finish(
          nothing_reported("`ronda report` tells a running daemon; `check` and `probe` hear only "
                           "what stands in a \"file\""));
      return;
    }
    finish(judge_word(report->word, loop_.now() - report->at, passive_.expires), report->number);
  }

  void on_file(const net::FileOutcome& file) {
    if (!file) {
      finish(make_unknown(passive_.file + " cannot be read: " + file.error()));
      return;
    }
    const auto word = find_word(file->text, passive_, address_);
    if (!word) {
      finish(make_unknown(passive_.file + ", " + word.error()));
    } else if (!*word) {
      finish(nothing_reported("no line of " + passive_.file + " names " + passive_.service + "/" +
                              passive_.replica));
    } else {
      tracer_.heard(std::string(to_string((*word)->verdict)) + " " + (*word)->reason + "\n",
                    elapsed());
      finish(judge_word(**word, loop_.wall_now() - file->modified, passive_.expires),
             number_of(*file, **word));
    }
  }

  // Not held against the replica: it is our disk.
  void on_deadline() {
    finish(make_unknown(passive_.file + " could not be read within " +
                        net::format_duration(timeout_)));
  }

  void finish(ProbeResult result, std::uint64_t report = 0) {
    result.report = result.verdict == Verdict::unknown ? 0 : report;
    result.phases.total = elapsed();
    timer_.reset();
    file_.reset();
    const OnResult tell = std::exchange(on_result_, nullptr);
    tell(result);
  }

  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  std::shared_ptr<Reports> reports_;
  PassiveCheck passive_;
  net::Duration timeout_;
  net::IpAddress address_;
  net::SteadyTime started_;
  OnResult on_result_;
  Tracer tracer_;
  net::Handle timer_{};
  net::Handle file_{};
};

}  // namespace

net::Handle run_passive(const Engines& engines, const CheckSpec& check,
                        const net::Endpoint& endpoint, OnResult on_result) {
  auto runner = std::make_unique<PassiveRunner>(engines, check, endpoint, std::move(on_result));
  runner->start();
  return runner;
}

}  // namespace ronda::probes
