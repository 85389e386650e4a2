#include "probes/dialogue_runner.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "net/random.hpp"
#include "net/tcp_stream.hpp"
#include "probes/certificate.hpp"
#include "probes/dialogue.hpp"
#include "probes/lag.hpp"
#include "probes/protocols.hpp"

namespace ronda::probes {

namespace {

constexpr net::Duration kFarewell = std::chrono::milliseconds(500);

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// 128 bits in hexadecimal digits.
std::string unique_word() {
  net::SystemRandom random;
  std::string word;
  for (int part = 0; part < 8; ++part) {
    const std::uint16_t bits = random.u16();
    for (int shift = 12; shift >= 0; shift -= 4) {
      word += "0123456789abcdef"[(bits >> shift) & 0xf];
    }
  }
  return word;
}

class DialogueRunner final : public net::Cancellable,
                             public std::enable_shared_from_this<DialogueRunner> {
 public:
  DialogueRunner(const Engines& engines, CheckSpec check, OnResult on_result)
      : loop_(engines.loop),
        contexts_(engines.tls),
        farewells_(engines.farewells),
        check_(std::move(check)),
        on_result_(std::move(on_result)),
        started_(loop_.now()),
        tracer_(engines.on_trace, check_) {}

  void start(const net::Endpoint& endpoint);

 private:
  enum class Stage : std::uint8_t { connecting, securing, talking, leaving };

  void on_event(const net::StreamEvent& event);
  void on_connected();
  void on_secured(const net::Secured& secured);
  void on_heard(std::span<const std::byte> bytes);
  void on_deadline();
  void open_dialogue();
  void secure();
  void open_side(std::uint16_t port);
  void on_side(const net::StreamEvent& event);
  void perform(const DialogueActions& actions);
  void finish(ProbeResult result, bool at_once);
  void linger();
  void leave();
  net::Duration elapsed() const { return loop_.now() - started_; }

  net::Loop& loop_;
  net::TlsContexts& contexts_;
  std::weak_ptr<Farewells> farewells_;  // which may own us
  CheckSpec check_;
  OnResult on_result_;
  net::SteadyTime started_;
  Stage stage_ = Stage::connecting;
  std::unique_ptr<Dialogue> dialogue_{};
  Phases phases_{};
  net::CertificateEnds ends_{};
  bool said_something_ = false;
  std::size_t heard_after_ = 0;  // bytes since the verdict
  net::Handle timer_{};
  std::unique_ptr<net::TcpStream> stream_{};
  std::unique_ptr<net::TcpStream> side_{};
  net::Endpoint endpoint_{};
  Tracer tracer_;
};

void DialogueRunner::start(const net::Endpoint& endpoint) {
  endpoint_ = endpoint;
  auto stream = net::TcpStream::connect(loop_, endpoint, check_.source,
                                        [this](const net::StreamEvent& event) { on_event(event); });
  if (!stream) {
    timer_ = loop_.at(loop_.now(), [this, fault = std::move(stream.error())] {
      finish(from_fault(fault), true);
    });
    return;
  }
  stream_ = std::move(*stream);
  timer_ = loop_.at(started_ + check_.timeout, [this] { on_deadline(); });
}

void DialogueRunner::on_event(const net::StreamEvent& event) {
  if (stage_ == Stage::leaving) {
    const auto* received = std::get_if<net::Received>(&event);
    heard_after_ += received != nullptr ? received->bytes.size() : 0;
    if (received == nullptr || heard_after_ > check_.read_limit) {
      leave();
    }
  } else if (std::holds_alternative<net::Connected>(event)) {
    on_connected();
  } else if (const auto* secured = std::get_if<net::Secured>(&event)) {
    on_secured(*secured);
  } else if (const auto* received = std::get_if<net::Received>(&event)) {
    on_heard(received->bytes);
  } else if (const auto* fault = std::get_if<net::Fault>(&event)) {
    ProbeResult result = from_fault(*fault);
    if (stage_ == Stage::securing && tracer_.wanted()) {
      note_certificates(tracer_, stream_->certificates(), {}, elapsed());
    }
    if (stage_ == Stage::talking && result.verdict == Verdict::fail) {
      result.detail = printable(dialogue_->waiting_for() + ", " + fault->text);
    }
    finish(std::move(result), true);
  } else if (dialogue_) {
    tracer_.note("connection closed by the server", elapsed());
    perform(dialogue_->on(Ended{}));
  } else {
    finish(make_fail(Code::L7RSP, "connection closed at once"), true);
  }
}

void DialogueRunner::on_connected() {
  phases_.connect = elapsed();
  tracer_.note("connected to " + endpoint_.to_string(), elapsed());
  if (check_.tls == TlsMode::implicit) {
    secure();
  } else {
    open_dialogue();
  }
}

void DialogueRunner::on_secured(const net::Secured& secured) {
  phases_.tls = elapsed();
  ends_ = secured.ends;
  tracer_.note(secured.protocol + (check_.tls_settings.verify ? "" : ", not verified"), elapsed());
  if (tracer_.wanted()) {
    note_certificates(tracer_, stream_->certificates(), ends_, elapsed());
  }
  stage_ = Stage::talking;
  if (dialogue_) {
    perform(dialogue_->on(Upgraded{}));
  } else {
    open_dialogue();
  }
}

void DialogueRunner::on_heard(std::span<const std::byte> bytes) {
  if (!dialogue_) {
    return;
  }
  if (!phases_.first_byte) {
    phases_.first_byte = elapsed();
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  tracer_.heard(text, elapsed());
  perform(dialogue_->on(Heard{text}));
}

void DialogueRunner::open_dialogue() {
  stage_ = Stage::talking;
  dialogue_ =
      make_dialogue(check_, host_name(), {.local = stream_->local(), .unique = unique_word()});
  perform(dialogue_->on(Opened{}));
}

void DialogueRunner::secure() {
  auto context = contexts_.get(check_.tls_settings);
  if (!context) {
    finish(make_unknown(context.error()), true);
    return;
  }
  stage_ = Stage::securing;
  stream_->start_tls(std::move(*context), check_.server_name, check_.tls_settings.verify);
}

void DialogueRunner::open_side(std::uint16_t port) {
  auto side = net::TcpStream::connect(loop_, {endpoint_.ip, port}, check_.source,
                                      [this](const net::StreamEvent& event) { on_side(event); });
  if (!side) {
    finish(from_fault(side.error()), false);
    return;
  }
  side_ = std::move(*side);
}

void DialogueRunner::on_side(const net::StreamEvent& event) {
  const std::unique_ptr<net::TcpStream> ended = std::move(side_);
  if (stage_ != Stage::talking) {
    return;
  }
  const auto* fault = std::get_if<net::Fault>(&event);
  if (fault == nullptr) {
    tracer_.note("the passive port is open", elapsed());
    perform(dialogue_->on(SideOpened{}));
  } else if (from_fault(*fault).verdict == Verdict::unknown) {
    finish(from_fault(*fault), false);
  } else {
    perform(dialogue_->on(SideFailed{fault->text}));
  }
}

// Everything is sent before the result is told, since the receiver may drop us.
void DialogueRunner::perform(const DialogueActions& actions) {
  bool at_once = false;
  for (const DialogueAction& action : actions) {
    if (const auto* send = std::get_if<Send>(&action)) {
      said_something_ = true;
      for (const std::string& secret : send->secrets) {
        tracer_.hide(secret);
      }
      tracer_.sent(send->bytes, elapsed());
      stream_->send(std::as_bytes(std::span(send->bytes)));
    } else if (std::holds_alternative<Close>(action)) {
      at_once = true;
    } else if (std::holds_alternative<StartTls>(action)) {
      secure();
      return;
    } else if (const auto* side = std::get_if<OpenSide>(&action)) {
      open_side(side->port);
      return;
    } else if (const auto* verdict = std::get_if<Finish>(&action)) {
      finish(verdict->result, at_once || !said_something_);
      return;
    }
  }
}

void DialogueRunner::on_deadline() {
  if (auto excused = excuse_timeout(loop_.worst_lag_since(started_), check_.timeout)) {
    finish(std::move(*excused), true);
    return;
  }
  const std::string within = " within " + net::format_duration(check_.timeout);
  switch (stage_) {
    case Stage::connecting:
      finish(make_fail(Code::L4TOUT, "no connection" + within), true);
      return;
    case Stage::securing:
      finish(make_fail(Code::L6TOUT, "TLS handshake not done" + within), true);
      return;
    case Stage::talking:
    case Stage::leaving:
      finish(make_fail(side_ ? Code::L4TOUT : Code::L7TOUT, dialogue_->waiting_for() + within),
             true);
      return;
  }
}

void DialogueRunner::finish(ProbeResult result, bool at_once) {
  stage_ = Stage::leaving;
  side_.reset();
  tracer_.finish();
  phases_.total = elapsed();
  result.phases = phases_;
  result.detail = tracer_.hidden(std::move(result.detail));
  if (phases_.tls) {
    judge_certificate(result, check_, ends_, loop_.wall_now());
  }
  if (at_once) {
    timer_.reset();
    stream_.reset();
  } else {
    linger();
  }
  const OnResult tell = std::exchange(on_result_, nullptr);
  tell(result);
}

void DialogueRunner::linger() {
  const auto farewells = farewells_.lock();
  if (!farewells || !farewells->keep(shared_from_this())) {
    timer_.reset();
    stream_.reset();
    return;
  }
  timer_ = loop_.at(loop_.now() + kFarewell, [this] { leave(); });
}

// Destroys us unless our handle is still held.
void DialogueRunner::leave() {
  timer_.reset();
  stream_.reset();
  if (const auto farewells = farewells_.lock()) {
    farewells->release(this);
  }
}

// What the asker holds.
class Keeper final : public net::Cancellable {
 public:
  explicit Keeper(std::shared_ptr<DialogueRunner> runner) : runner_(std::move(runner)) {}

 private:
  std::shared_ptr<DialogueRunner> runner_;
};

}  // namespace

net::Handle run_dialogue(const Engines& engines, const CheckSpec& check,
                         const net::Endpoint& endpoint, OnResult on_result) {
  auto runner = std::make_shared<DialogueRunner>(engines, check, std::move(on_result));
  runner->start(endpoint);
  return std::make_unique<Keeper>(std::move(runner));
}

}  // namespace ronda::probes
