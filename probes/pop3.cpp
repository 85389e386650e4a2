#include "probes/protocols.hpp"
#include "probes/reply_dialogue.hpp"

namespace ronda::probes {

std::unique_ptr<Dialogue> pop3_dialogue(const CheckSpec& check) {
  ReplyScript script{.grammar = Grammar::pop3, .farewell = "QUIT"};
  script.steps.push_back({.expect = {"+OK"}});
  if (check.tls == TlsMode::starttls) {
    // A server without it answers -ERR: no need for CAPA, which it may not know (RFC 2595 4).
    script.steps.push_back({.command = "STLS", .expect = {"+OK"}, .then = Then::tls});
  }
  if (const Login& login = std::get<Pop3Check>(check.protocol).login) {
    script.steps.push_back({.command = "USER " + login.user(), .expect = {"+OK"}});
    script.steps.push_back({.command = "PASS " + login.password(), .expect = {"+OK"}});
  }
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
