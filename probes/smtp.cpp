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
  const std::string& helo = std::get<SmtpCheck>(check.protocol).helo;
  const std::string hello = "EHLO " + (helo.empty() ? own_name : helo);
  ReplyScript script{.farewell = "QUIT"};
  script.steps.push_back({.expect = 220});
  if (check.tls == TlsMode::starttls) {
    script.steps.push_back({.command = hello, .expect = 250, .offers = "STARTTLS"});
    script.steps.push_back({.command = "STARTTLS", .expect = 220, .then_tls = true});
  }
  script.steps.push_back({.command = hello, .expect = 250});
  return std::make_unique<ReplyDialogue>(std::move(script), check.read_limit);
}

}  // namespace ronda::probes
