#include <algorithm>

#include "probes/protocols.hpp"
#include "probes/reply_dialogue.hpp"

namespace ronda::probes {

std::string ehlo_name(std::string_view host_name, const net::IpAddress& local) {
  const bool plain = std::ranges::all_of(host_name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  const auto dot = host_name.find('.');
  if (plain && dot != std::string_view::npos && dot > 0 && !host_name.ends_with('.') &&
      !net::IpAddress::parse(host_name)) {
    return std::string(host_name);
  }
  return (local.is_v4() ? "[" : "[IPv6:") + local.to_string() + "]";
}

std::unique_ptr<Dialogue> smtp_dialogue(const CheckSpec& check, const std::string& own_name) {
  const auto& smtp = std::get<SmtpCheck>(check.protocol);
  const std::string hello =
      (smtp.lmtp ? "LHLO " : "EHLO ") + (smtp.helo.empty() ? own_name : smtp.helo);
  ReplyScript script{.grammar = Grammar::smtp, .farewell = "QUIT", .hung_up = "421"};
  script.steps.push_back({.expect = {"220"}});
  if (check.tls == TlsMode::starttls) {
    script.steps.push_back({.command = hello, .expect = {"250"}, .offers = {"STARTTLS"}});
    script.steps.push_back({.command = "STARTTLS", .expect = {"220"}, .then = Then::tls});
  }
  script.steps.push_back({.command = hello, .expect = {"250"}});
  if (smtp.login) {
    script.steps.back().offers = {"AUTH PLAIN"};
    script.steps.push_back({.command = "AUTH PLAIN " + smtp.login.plain(), .expect = {"235"}});
  }
  if (!smtp.rcpt.empty()) {
    script.steps.push_back({.command = "MAIL FROM:<>", .expect = {"250"}});
    script.steps.push_back({.command = "RCPT TO:<" + smtp.rcpt + ">", .expect = {"250", "251"}});
    script.steps.push_back({.command = "RSET", .expect = {"250"}});
  }
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
