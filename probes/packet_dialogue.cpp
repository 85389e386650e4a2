#include "probes/packet_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace ronda::probes {

PacketDialogue::PacketDialogue(std::size_t read_limit, bool secured)
    : read_limit_(read_limit), unread_(read_limit), secured_(secured) {}

DialogueActions PacketDialogue::on(const DialogueEvent& event) {
  if (finished_) {
    return {};
  }
  if (const auto* heard_bytes = std::get_if<Heard>(&event)) {
    take(heard_bytes->bytes);
  } else if (std::holds_alternative<Opened>(event)) {
    opened();
  } else if (std::holds_alternative<Upgraded>(event) && upgrading_) {
    upgrading_ = false;
    secured_ = true;
    upgraded();
  } else if (std::holds_alternative<Ended>(event)) {
    finish(make_fail(Code::L7RSP, waiting_for() + ", connection closed"), {});
  }
  return std::exchange(actions_, {});
}

std::string PacketDialogue::waiting_for() const {
  return "expected " + expected_ + describe_got(pending());
}

void PacketDialogue::take(std::string_view bytes) {
  if (upgrading_) {
    finish(make_fail(Code::L7RSP, "bytes came before the TLS handshake" + describe_got(bytes)), {});
    return;
  }
  cut_ = bytes.size() > unread_;
  buffer_.append(bytes.substr(0, unread_));
  unread_ -= std::min(unread_, bytes.size());
  while (!finished_ && !upgrading_ && hear_next()) {
  }
  buffer_.erase(0, std::exchange(done_, 0));
}

bool PacketDialogue::hear_next() {
  const auto size = size_of(pending());
  if (size == 0) {
    finish(make_fail(Code::L7RSP, waiting_for()), {});
    return false;
  }
  if (size && *size <= pending().size()) {
    const std::string_view packet = pending().substr(0, *size);
    done_ += *size;
    heard(packet);
    return true;
  }
  // For the rest of one that can never become whole nobody has to wait.
  if (cut_ || (size && *size > pending().size() + unread_)) {
    finish(make_fail(Code::L7RSP, waiting_for() + " in the " + std::to_string(read_limit_) +
                                      " bytes of read_limit"),
           {});
  }
  return false;
}

void PacketDialogue::send(std::string bytes, std::vector<std::string> secrets) {
  actions_.emplace_back(Send{std::move(bytes), std::move(secrets)});
}

void PacketDialogue::start_tls() {
  // Whoever sits in between could have put them there, to be taken for the server's own under TLS.
  if (!pending().empty() || cut_) {
    finish(make_fail(Code::L7RSP,
                     "bytes before the TLS handshake (injected?)" + describe_got(pending())),
           {});
    return;
  }
  upgrading_ = true;
  actions_.emplace_back(StartTls{});
}

void PacketDialogue::pass(const std::string& detail, const std::string& farewell) {
  finish(make_pass(Code::L7OK, detail), farewell);
}

void PacketDialogue::fail(Code code, const std::string& got, const std::string& farewell) {
  finish(make_fail(code, "expected " + expected_ + ", got " + got), farewell);
}

void PacketDialogue::unable(const std::string& why) {
  finish(make_unknown(why), {});
}

void PacketDialogue::finish(ProbeResult result, const std::string& farewell) {
  if (finished_) {
    return;
  }
  finished_ = true;
  if (farewell.empty()) {
    actions_.emplace_back(Close{});
  } else {
    actions_.emplace_back(Send{farewell, {}});
  }
  actions_.emplace_back(Finish{std::move(result)});
}

}  // namespace ronda::probes
