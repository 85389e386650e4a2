#include "probes/dns_runner.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/random.hpp"
#include "probes/certificate.hpp"
#include "probes/dialogue.hpp"
#include "probes/dns_exchange.hpp"
#include "probes/dns_judge.hpp"
#include "probes/lag.hpp"

namespace ronda::probes {

namespace {

using dnsupdate::Message;

class DnsRunner final : public net::Cancellable {
 public:
  DnsRunner(const Engines& engines, CheckSpec check, OnResult on_result)
      : loop_(engines.loop),
        contexts_(engines.tls),
        check_(std::move(check)),
        dns_(std::get<DnsCheck>(check_.protocol)),
        on_result_(std::move(on_result)),
        started_(loop_.now()),
        tracer_(engines.on_trace, check_) {}

  void start(const net::Endpoint& endpoint) {
    timer_ = loop_.at(started_ + check_.timeout, [this] { on_deadline(); });
    DnsServer server{.endpoint = endpoint,
                     .transport = dns_.transport,
                     .source = check_.source,
                     .tls_name = check_.server_name,
                     .verify = check_.tls_settings.verify};
    if (dns_.transport == DnsTransport::tls) {
      auto context = contexts_.get(check_.tls_settings);
      if (!context) {
        timer_ =
            loop_.at(loop_.now(), [this, text = context.error()] { finish(make_unknown(text)); });
        return;
      }
      server.tls = *std::move(context);
    }
    net::SystemRandom random;
    const net::SteadyTime resend = started_ + check_.timeout / 2;
    if (dns_.serial_lag && dns_.reference) {
      reference_.emplace(loop_, Tracer(nullptr, check_),
                         DnsServer{.endpoint = dns_.reference->endpoint,
                                   .transport = dns_.reference->transport,
                                   .source = dns_.reference->source},
                         reference_question(dns_, random.u16()),
                         [this](const auto& outcome) { on_reference(outcome); });
      tracer_.note("asks the primary " + dns_.reference->endpoint.to_string() + " for its serial",
                   elapsed());
      reference_->start(resend);
    }
    exchange_.emplace(loop_, tracer_, std::move(server), dns_question(dns_, random.u16()),
                      [this](auto outcome) { on_reply(std::move(outcome)); });
    exchange_->start(resend);
  }

 private:
  void on_reply(std::expected<Message, ProbeResult> outcome) {
    if (!outcome) {
      finish(std::move(outcome.error()));
      return;
    }
    ProbeResult judged = judge_reply(dns_, *outcome);
    if (judged.verdict == Verdict::pass && outcome->header.tc &&
        dns_.transport == DnsTransport::udp) {
      judged.detail = printable(judged.detail + "; \"transport\": \"tcp\" would see all of it");
    }
    if (judged.verdict != Verdict::pass || !dns_.serial_lag) {
      finish(std::move(judged));
      return;
    }
    reply_ = *std::move(outcome);
    finish_lag();
  }

  // The primary's own trouble is never held against the replica.
  void on_reference(const std::expected<Message, ProbeResult>& outcome) {
    serial_ = outcome ? read_reference(dns_, *outcome)
                      : ReferenceSerial(std::unexpected(outcome.error().detail));
    tracer_.note(*serial_ ? "the primary's serial is " + std::to_string(**serial_)
                          : "the primary tells no serial: " + serial_->error(),
                 elapsed());
    finish_lag();
  }

  void finish_lag() {
    if (reply_ && serial_) {
      finish(judge_lag(dns_, *reply_, *serial_));
    }
  }

  void on_deadline() {
    if (auto excused = excuse_timeout(loop_.worst_lag_since(started_), check_.timeout)) {
      finish(std::move(*excused));
    } else if (reply_) {
      serial_ = std::unexpected("no reply in time");
      finish_lag();
    } else {
      finish(exchange_->overdue(" within " + net::format_duration(check_.timeout)));
    }
  }

  void finish(ProbeResult result) {
    if (exchange_) {
      result.phases = exchange_->phases();
    }
    result.phases.total = elapsed();
    if (result.phases.tls) {
      judge_certificate(result, check_, exchange_->certificate_ends(), loop_.wall_now());
    }
    timer_.reset();
    exchange_.reset();
    reference_.reset();
    const OnResult tell = std::exchange(on_result_, nullptr);
    tell(result);
  }

  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  net::TlsContexts& contexts_;
  CheckSpec check_;
  const DnsCheck& dns_;  // check_'s
  OnResult on_result_;
  net::SteadyTime started_;
  Tracer tracer_;
  std::optional<Message> reply_{};  // passed all but the lag
  std::optional<ReferenceSerial> serial_{};
  std::optional<DnsExchange> exchange_{};
  std::optional<DnsExchange> reference_{};
  net::Handle timer_{};
};

}  // namespace

net::Handle run_dns(const Engines& engines, const CheckSpec& check, const net::Endpoint& endpoint,
                    OnResult on_result) {
  auto runner = std::make_unique<DnsRunner>(engines, check, std::move(on_result));
  runner->start(endpoint);
  return runner;
}

}  // namespace ronda::probes
