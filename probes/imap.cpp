#include "probes/protocols.hpp"
#include "probes/reply_dialogue.hpp"

namespace ronda::probes {

std::unique_ptr<Dialogue> imap_dialogue(const CheckSpec& check) {
  const std::vector<std::string> versions{"IMAP4rev1", "IMAP4rev2"};
  ReplyScript script{.grammar = Grammar::imap, .farewell = "LOGOUT", .hung_up = "BYE"};
  if (check.tls == TlsMode::starttls) {
    // To one whom the server takes for logged in it offers no TLS (RFC 9051 6.2.1).
    script.steps.push_back({.expect = {"OK"}});
    script.steps.push_back({.command = "CAPABILITY", .expect = {"OK"}, .offers = {"STARTTLS"}});
    script.steps.push_back({.command = "STARTTLS", .expect = {"OK"}, .then = Then::tls});
  } else {
    script.steps.push_back({.expect = {"OK", "PREAUTH"}});
  }
  script.steps.push_back({.command = "CAPABILITY", .expect = {"OK"}, .offers = versions});
  if (const Login& login = std::get<ImapCheck>(check.protocol).login) {
    script.steps.push_back(
        {.command = "LOGIN " + login.quoted(),
         .expect = {"OK"},
         .unless = "PREAUTH",
         .barred_by = "LOGINDISABLED",  // RFC 9051 6.2.3
         .cure = check.tls == TlsMode::off
                     ? "the server takes no LOGIN in clear text; write "
                       "\"tls\": \"starttls\", or type imaps"
                     : "the server takes no LOGIN at all; leave out login_file"});
  }
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
