#include "probes/presets.hpp"

namespace ronda::probes {

namespace {

std::string host_of(const std::string& name) {
  const auto address = net::IpAddress::parse(name);
  return address && !address->is_v4() ? "[" + name + "]" : name;
}

// RFC 3261 11.1; branch, tag and Call-ID must be ours alone (8.1.1). Max-Forwards 0: a proxy must
// answer itself (16.3) instead of passing on what another replica says.
std::string options(const CheckSpec& check, const Caller& caller) {
  const std::string uri = "sip:" + host_of(check.server_name);
  const std::string here = host_of(caller.local.ip.to_string());
  const std::string transport = check.tls == TlsMode::implicit ? "TLS" : "TCP";
  return "OPTIONS " + uri + " SIP/2.0\r\nVia: SIP/2.0/" + transport + " " +
         caller.local.to_string() + ";branch=z9hG4bK" + caller.unique +
         "\r\nMax-Forwards: 0\r\nFrom: <sip:ronda@" + here + ">;tag=" + caller.unique +
         "\r\nTo: <" + uri + ">\r\nCall-ID: " + caller.unique + "@" + here +
         "\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n";
}

// Ends of lines (7.5) and provisional responses.
constexpr const char* kBefore =
    R"(\A(?:\r?\n)*(?:SIP/2\.0 1\d\d [^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n(?:\r?\n)*)*)";
// What can become no status line, at the octet that shows it.
constexpr const char* kNoStatus =
    R"((?:[^S\r\n]|\r[^\n]|S[^I]|SI[^P]|SIP[^/]|SIP/[^2]|SIP/2[^.]|SIP/2\.[^0]|SIP/2\.0[^ ]|)"
    R"(SIP/2\.0 (?:[^1-6]|\d[^\d]|\d\d[^\d]|\d\d\d[^ ])))";

}  // namespace

// To OPTIONS a server answers as it would to an INVITE (RFC 3261 11.2): 200, but also 404, 405,
// 401, 486 or a redirection come from one that reads requests and answers them, 483 from a proxy
// that passes none on. Not healthy is 408 (21.4.9), with which one that has passed it on all the
// same says that nobody answered, 5xx, with which a server says that it cannot (503: overloaded or
// in maintenance, 21.5.4), and 6xx, final for every server. 1xx is not yet an answer.
StepScript sip_script(const CheckSpec& check, const Caller& caller) {
  StepScript script;
  script.steps.push_back({.step = {.kind = TcpStepKind::send, .text = options(check, caller)}});
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect,
                .text =
                    std::string(kBefore) + R"(SIP/2\.0 (?:[23]\d\d|40[0-79]|4[1-9]\d) [^\n]*\n)"},
       .called = "SIP/2.0 200 to 499 but not 408",
       .otherwise = {{.pattern = std::string(kBefore) + R"(SIP/2\.0 (?:408|[56]\d\d) [^\n]*\n)"},
                     {.pattern = std::string(kBefore) + kNoStatus, .code = Code::L7RSP}},
       .told = true});
  script.steps.push_back({.step = {.kind = TcpStepKind::expect, .text = R"(^\r?\n)"},
                          .called = "the end of the header"});
  return script;
}

}  // namespace ronda::probes
