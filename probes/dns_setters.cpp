#include <algorithm>
#include <array>

#include "dnsupdate/wire/name.hpp"
#include "dnsupdate/wire/rr_type.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

DnsCheck& dns(CheckSpec& check) {
  return std::get<DnsCheck>(check.protocol);
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

// What no record has, and transfers, which are no question.
constexpr auto kNoQuestions = std::to_array<unsigned>({0, 41, 249, 250, 251, 252, 253, 254});

}  // namespace

SetOutcome set_dns_name(CheckSpec& check, const std::string& text) {
  const auto name = dnsupdate::Name::parse(text);
  if (text.empty() || !name) {
    return std::unexpected(text.empty() ? "is empty; write a domain name" : name.error());
  }
  dns(check).name = name->to_string();
  return {};
}

SetOutcome set_qtype(CheckSpec& check, const std::string& text) {
  const auto type = dnsupdate::parse_rr_type(text);
  const auto number = type ? static_cast<std::uint16_t>(*type) : std::uint16_t{0};
  if (std::ranges::find(kNoQuestions, number) != kNoQuestions.end()) {
    return std::unexpected(in_quotes(text) +
                           " is no type to ask for; write SOA, A, AAAA, NS, MX, TXT, SRV ... or "
                           "TYPE and a number");
  }
  dns(check).qtype = number;
  return {};
}

SetOutcome set_transport(CheckSpec& check, const std::string& text) {
  if (text != "udp" && text != "tcp" && text != "tls") {
    return std::unexpected(in_quotes(text) + " is none of udp, tcp, tls");
  }
  dns(check).transport = text == "udp"   ? DnsTransport::udp
                         : text == "tcp" ? DnsTransport::tcp
                                         : DnsTransport::tls;
  if (text == "tls") {
    check.tls = TlsMode::implicit;
    check.tls_settings.alpn = "dot";  // RFC 7858's registered id
  }
  return {};
}

SetOutcome set_rcode(CheckSpec& check, const std::string& text) {
  constexpr std::uint16_t kMost = 15;  // the rest is in EDNS, which no question of ours has
  const std::string name = in_capitals(text);
  for (std::uint16_t number = 0; number <= kMost; ++number) {
    if (to_string(static_cast<dnsupdate::Rcode>(number)) == name) {
      dns(check).rcode = number;
      return {};
    }
  }
  return std::unexpected(in_quotes(text) +
                         " is no rcode; write NOERROR, NXDOMAIN, REFUSED, SERVFAIL ... or RCODE "
                         "and a number up to 15");
}

SetOutcome set_answer(CheckSpec& check, const std::string& text) {
  if (const auto good = check_pattern(text); !good) {
    return good;
  }
  dns(check).answer = text;
  return {};
}

SetOutcome set_serial_lag(CheckSpec& check, const std::uint64_t& most) {
  constexpr std::uint64_t kHalfCircle = 0x7fffffff;  // beyond it no serial is behind another
  if (most > kHalfCircle) {
    return std::unexpected("is more than serials can differ: at most 2147483647");
  }
  dns(check).serial_lag = static_cast<std::uint32_t>(most);
  return {};
}

}  // namespace ronda::probes
