#include "probes/protocols.hpp"
#include "probes/reply_dialogue.hpp"

namespace ronda::probes {

std::unique_ptr<Dialogue> ftp_dialogue(const CheckSpec& check) {
  ReplyScript script{.continuation = Continuation::free, .farewell = "QUIT"};
  script.steps.push_back({.expect = 220, .wait_code = 120});
  if (check.tls == TlsMode::starttls) {
    // 334 would ask for ADAT, which no TLS server does (RFC 4217 section 4).
    script.steps.push_back({.command = "AUTH TLS", .expect = 234, .then_tls = true});
  }
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
