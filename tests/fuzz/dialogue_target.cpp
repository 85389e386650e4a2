#include <algorithm>
#include <memory>
#include <optional>

#include "probes/credentials.hpp"
#include "probes/dialogue.hpp"
#include "probes/protocols.hpp"
#include "probes/trace.hpp"
#include "tests/fuzz/check_text.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

using namespace probes;

// What may stand between the octets of the server.
constexpr char kAt = '\xf8';       // the end of a piece
constexpr char kSecured = '\xf9';  // the handshake is done
constexpr char kSide = '\xfa';     // the side connection is there
constexpr char kNoSide = '\xfb';   // it failed
constexpr char kLiterally = '\xff';

// Those that a text can be searched for: what stands for others' octets may make up a word anew.
std::vector<std::string> plain_secrets(const CheckSpec& check) {
  std::vector<std::string> secrets = secrets_of(check);
  std::erase_if(secrets, [](const std::string& secret) {
    return secret.size() < 8 ||
           !std::ranges::all_of(
               secret, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  });
  return secrets;
}

// The part of dialogue_runner: one side of the conversation, and what the machine promised.
class Conversation {
 public:
  Conversation(const CheckSpec& check, std::unique_ptr<Dialogue> dialogue)
      : check_(check),
        dialogue_(std::move(dialogue)),
        secrets_(plain_secrets(check)),
        tracer_([this](const TraceLine& line) { require_hidden(line.text); }, check) {
    perform(dialogue_->on(Opened{}));
  }

  bool over() const { return finished_; }

  void hear(const std::string& bytes) {
    if (finished_ || bytes.empty()) {
      return;
    }
    heard_ += bytes.size();
    tracer_.heard(bytes, net::Duration(0));
    const bool too_soon = std::exchange(securing_, false);
    perform(dialogue_->on(Heard{bytes}));
    require(finished_ || (!too_soon && heard_ <= check_.read_limit));
    look_at_deadline();
  }
  void secured() {
    if (std::exchange(securing_, false)) {
      perform(dialogue_->on(Upgraded{}));
      look_at_deadline();
    }
  }
  void side(bool opened) {
    if (std::exchange(side_wanted_, false)) {
      perform(dialogue_->on(opened ? DialogueEvent(SideOpened{})
                                   : DialogueEvent(SideFailed{"connection refused"})));
      look_at_deadline();
    }
  }
  // The deadline, or the end of the connection: a verdict either way.
  void end() {
    if (finished_) {
      return;
    }
    look_at_deadline();
    if (!securing_) {
      perform(dialogue_->on(Ended{}));
      require(finished_);
    }
  }
  // After the verdict nothing changes, whatever comes.
  void linger() {
    tracer_.finish();
    if (finished_) {
      require(dialogue_->on(Heard{"250 more\r\n"}).empty());
      require(dialogue_->on(Ended{}).empty());
    }
  }

 private:
  // It may come at any time.
  void look_at_deadline() const {
    if (!finished_) {
      require(!dialogue_->waiting_for().empty());
      require_shown(make_fail(Code::L7TOUT, dialogue_->waiting_for()).detail);
    }
  }
  void perform(const DialogueActions& actions) {
    for (const DialogueAction& action : actions) {
      require(!finished_);
      if (const auto* send = std::get_if<Send>(&action)) {
        require(!securing_ && !send->bytes.empty());
        said_ += send->bytes.size();
        tracer_.sent(send->bytes, net::Duration(0));
        require(said_ <= std::size_t{1} << 20);
      } else if (std::holds_alternative<StartTls>(action)) {
        require(check_.tls == TlsMode::starttls ||
                std::holds_alternative<TcpCheck>(check_.protocol));
        securing_ = true;
      } else if (const auto* side = std::get_if<OpenSide>(&action)) {
        require(side->port != 0);
        side_wanted_ = true;
      } else if (const auto* finish = std::get_if<Finish>(&action)) {
        require(!securing_);
        require(finish->result.verdict != Verdict::unknown);
        require_shown(finish->result.detail);
        require_hidden(tracer_.hidden(finish->result.detail));
        finished_ = true;
      }
    }
  }

  void require_hidden(const std::string& text) const {
    for (const std::string& secret : secrets_) {
      require(text.find(secret) == std::string::npos);
    }
  }

  const CheckSpec& check_;
  std::unique_ptr<Dialogue> dialogue_;
  std::vector<std::string> secrets_;
  Tracer tracer_;
  std::size_t heard_ = 0;
  std::size_t said_ = 0;
  bool securing_ = false;
  bool side_wanted_ = false;
  bool finished_ = false;
};

}  // namespace

// A check, and a server's side of its dialogue in pieces: a verdict in the end, and nothing after
// it.
void dialogue(std::span<const std::byte> input) {
  const auto read = read_check(input);
  if (!read) {
    return;
  }
  auto made = make_dialogue(
      read->check, "mx.example.com",
      {.local = {net::IpAddress::from_v4({192, 0, 2, 9}), 40000}, .unique = "0123456789abcdef"});
  if (!made) {
    return;
  }
  Conversation conversation(read->check, std::move(made));
  std::string piece;
  bool literally = false;
  for (const char octet : read->rest) {
    if (literally || (octet != kAt && octet != kSecured && octet != kSide && octet != kNoSide &&
                      octet != kLiterally)) {
      piece += octet;
      literally = false;
      continue;
    }
    literally = octet == kLiterally;
    if (literally) {
      continue;
    }
    conversation.hear(std::exchange(piece, {}));
    if (octet == kSecured) {
      conversation.secured();
    } else if (octet == kSide || octet == kNoSide) {
      conversation.side(octet == kSide);
    }
  }
  conversation.hear(piece);
  conversation.end();
  conversation.linger();
}

}  // namespace ronda::fuzz
