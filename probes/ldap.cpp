#include <array>
#include <utility>

#include "probes/presets.hpp"

namespace ronda::probes {

namespace {

// RFC 4511 5.1: lengths in definite form; up to 65535 is far more than a Login holds.
std::string element(char tag, const std::string& content) {
  const std::size_t size = content.size();
  std::string text(1, tag);
  if (size > 0xff) {
    text += '\x82';
    text += static_cast<char>(size >> 8);
  } else if (size > 0x7f) {
    text += '\x81';
  }
  text += static_cast<char>(size & 0xff);
  return text + content;
}

constexpr std::string_view kFirst("\x02\x01\x01", 3);  // messageID
constexpr std::string_view kSecond("\x02\x01\x02", 3);
constexpr std::string_view kVersion("\x02\x01\x03", 3);

// Some servers write every length in five octets.
constexpr const char* kLength =
    R"((?:[\x00-\x7f]|\x81(?s:.)|\x82(?s:.){2}|\x83(?s:.){3}|\x84(?s:.){4}))";

// A BindResponse to message 1 up to its result code, the octet that follows.
std::string bind_response() {
  return std::string("\\A\\x30") + kLength + "\\x02\\x01\\x01\\x61" + kLength + "\\x0a\\x01";
}

std::string hex(unsigned code) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  return {'\\', 'x', kDigits[code >> 4U], kDigits[code & 0xfU]};
}

// RFC 4511 A.1: what a bind can end with.
constexpr auto kResults = std::to_array<std::pair<unsigned, const char*>>({
    {1, "operationsError"},
    {2, "protocolError"},
    {7, "authMethodNotSupported"},
    {8, "strongerAuthRequired"},
    {10, "referral"},
    {13, "confidentialityRequired"},
    {34, "invalidDNSyntax"},
    {48, "inappropriateAuthentication"},
    {49, "invalidCredentials"},
    {51, "busy"},
    {52, "unavailable"},
    {53, "unwillingToPerform"},
    {80, "other"},
});

std::vector<Otherwise> refusals() {
  std::vector<Otherwise> all;
  for (const auto& [code, name] : kResults) {
    all.push_back({.pattern = bind_response() + hex(code),
                   .why = "result " + std::to_string(code) + " (" + name + ")"});
  }
  all.push_back({.pattern = bind_response() + "[^\\x00]", .why = "another result"});
  // RFC 4511 4.4.1: the server's own word before it closes, with messageID 0.
  all.push_back({.pattern = std::string("\\A\\x30") + kLength + "\\x02\\x01\\x00\\x78",
                 .why = "a notice of disconnection"});
  // Eighteen octets are the longest way up to a result code.
  all.push_back({.pattern = R"(\A(?:[^\x30]|(?s:.){18}))", .code = Code::L7RSP});
  return all;
}

}  // namespace

// A simple bind (RFC 4511 4.2), anonymous with neither name nor password, and an unbind (4.3).
StepScript ldap_script(const Login& login) {
  const std::string user = login ? login.user() : "";
  const std::string password = login ? login.password() : "";
  const std::string bind =
      element('\x60', std::string(kVersion) + element('\x04', user) + element('\x80', password));
  StepScript script;
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::send, .text = element('\x30', std::string(kFirst) + bind)}});
  script.steps.push_back({.step = {.kind = TcpStepKind::expect, .text = bind_response() + "\\x00"},
                          .called = "success in BindResponse",
                          .otherwise = refusals()});
  script.passed = login ? "bound" : "bound anonymously";
  script.farewell = element('\x30', std::string(kSecond) + element('\x42', ""));
  return script;
}

}  // namespace ronda::probes
