#include "probes/icmp_runner.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "net/echo.hpp"
#include "net/random.hpp"
#include "probes/dialogue.hpp"
#include "probes/lag.hpp"

namespace ronda::probes {

namespace {

class IcmpRunner final : public net::Cancellable {
 public:
  IcmpRunner(const Engines& engines, const CheckSpec& check, OnResult on_result)
      : loop_(engines.loop),
        timeout_(check.timeout),
        started_(loop_.now()),
        on_result_(std::move(on_result)),
        tracer_(engines.on_trace, check) {
    net::SystemRandom random;
    random.fill(payload_);
    first_sequence_ = random.u16();
  }

  void start(const net::IpAddress& peer, std::optional<net::IpAddress> source) {
    auto echo = net::Echo::open(loop_, peer, source,
                                [this](const net::Echo::Event& event) { on_event(event); });
    if (!echo) {
      fail_later(std::move(echo.error()));
      return;
    }
    echo_ = std::move(*echo);
    deadline_ = loop_.at(started_ + timeout_, [this] { on_deadline(); });
    timer_ = loop_.at(started_ + timeout_ / 2, [this] { send(); });
    send();
  }

 private:
  // As with any datagram, one that is lost is no death: there is a second.
  void send() {
    tracer_.sent("echo request " + std::to_string(sent_ + 1), elapsed());
    const auto sequence = static_cast<std::uint16_t>(first_sequence_ + sent_);
    ++sent_;
    if (auto fault = echo_->send(sequence, payload_)) {
      fail_later(std::move(*fault));
    }
  }

  void on_event(const net::Echo::Event& event) {
    if (const auto* fault = std::get_if<net::Fault>(&event)) {
      fail(*fault);
      return;
    }
    const auto& reply = std::get<net::EchoReply>(event);
    const auto which = static_cast<std::uint16_t>(reply.sequence - first_sequence_);
    if (which >= sent_ || !std::ranges::equal(reply.payload, payload_)) {
      tracer_.note("ignored an echo reply to another request", elapsed());
      return;
    }
    tracer_.heard("echo reply " + std::to_string(which + 1) + "\n", elapsed());
    finish(make_pass(Code::L4OK, "echo reply"));
  }

  void on_deadline() {
    if (auto excused = excuse_timeout(loop_.worst_lag_since(started_), timeout_)) {
      finish(std::move(*excused));
      return;
    }
    finish(make_fail(Code::L4TOUT, "no echo reply within " + net::format_duration(timeout_) +
                                       " (asked " + std::to_string(sent_) + " times)"));
  }

  void fail_later(net::Fault fault) {
    timer_ = loop_.at(loop_.now(), [this, fault = std::move(fault)] { fail(fault); });
  }

  void fail(net::Fault fault) {
    // Whatever call reports it: there is no connection that could have been there before.
    fault.phase = net::Phase::connect;
    finish(from_fault(fault));
  }

  void finish(ProbeResult result) {
    result.phases.total = elapsed();
    if (result.verdict == Verdict::pass) {
      result.phases.first_byte = result.phases.total;
    }
    timer_.reset();
    deadline_.reset();
    echo_.reset();
    const OnResult tell = std::exchange(on_result_, nullptr);
    tell(result);
  }

  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  net::Duration timeout_;
  net::SteadyTime started_;
  OnResult on_result_;
  Tracer tracer_;
  std::array<std::byte, 24> payload_{};
  std::uint16_t first_sequence_ = 0;
  unsigned sent_ = 0;
  net::Handle timer_{};
  net::Handle deadline_{};
  std::unique_ptr<net::Echo> echo_{};
};

}  // namespace

net::Handle run_icmp(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                     OnResult on_result) {
  auto runner = std::make_unique<IcmpRunner>(engines, check, std::move(on_result));
  runner->start(endpoint.ip, check.source);
  return runner;
}

}  // namespace ronda::probes
