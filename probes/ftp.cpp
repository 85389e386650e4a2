#include "probes/protocols.hpp"
#include "probes/reply_dialogue.hpp"

namespace ronda::probes {

std::unique_ptr<Dialogue> ftp_dialogue(const CheckSpec& check, const net::IpAddress& local) {
  const auto& ftp = std::get<FtpCheck>(check.protocol);
  ReplyScript script{.grammar = Grammar::ftp, .farewell = "QUIT", .hung_up = "421"};
  script.steps.push_back({.expect = {"220"}, .wait = "120"});
  if (check.tls == TlsMode::starttls) {
    // 334 would ask for ADAT, which no TLS server does (RFC 4217 section 4).
    script.steps.push_back({.command = "AUTH TLS", .expect = {"234"}, .then = Then::tls});
  }
  if (ftp.anonymous || ftp.login) {
    script.steps.push_back({.command = "USER " + (ftp.login ? ftp.login.user() : "anonymous"),
                            .expect = {"331", "230"}});
    script.steps.push_back({.command = "PASS " + (ftp.login ? ftp.login.password() : "ronda@"),
                            .expect = {"230", "202"},
                            .unless = "230"});
  }
  if (ftp.passive && local.is_v4()) {
    script.steps.push_back({.command = "PASV", .expect = {"227"}, .then = Then::passive_port});
  } else if (ftp.passive) {
    script.steps.push_back({.command = "EPSV", .expect = {"229"}, .then = Then::passive_port});
  }
  if (!ftp.mdtm.empty()) {
    script.steps.push_back({.command = "MDTM " + ftp.mdtm, .expect = {"213"}, .then = Then::stamp});
  }
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
