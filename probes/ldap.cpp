#include <array>
#include <utility>

#include "probes/octet_reader.hpp"
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

constexpr char kBindRequest = '\x60';
constexpr const char* kBindResponse = "\\x61";
constexpr char kUnbindRequest = '\x42';
constexpr char kExtendedRequest = '\x77';
constexpr const char* kExtendedResponse = "\\x78";
constexpr char kRequestName = '\x80';
constexpr const char* kStartTls = "1.3.6.1.4.1.1466.20037";  // RFC 4511 4.14
constexpr std::string_view kVersion("\x02\x01\x03", 3);

std::string message(char id, char tag, const std::string& content) {
  return element('\x30', element('\x02', std::string(1, id)) + element(tag, content));
}

// Of a whole message, once its length is there.
std::optional<std::size_t> size_of(std::string_view octets) {
  OctetReader reader(octets);
  reader.take(1);
  std::size_t size = reader.big(1);
  if (size > 0x80 && size <= 0x84) {
    size = reader.big(size - 0x80);
  }
  return reader.good() ? std::optional(octets.size() - reader.left() + size) : std::nullopt;
}

// Some servers write every length in five octets.
constexpr const char* kLength =
    R"((?:[\x00-\x7f]|\x81(?s:.)|\x82(?s:.){2}|\x83(?s:.){3}|\x84(?s:.){4}))";

std::string hex(unsigned code) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  return {'\\', 'x', kDigits[code >> 4U], kDigits[code & 0xfU]};
}

// The response to a message up to its result code, the octet that follows.
std::string response(char id, const std::string& tag) {
  return std::string("\\A\\x30") + kLength + "\\x02\\x01" + hex(static_cast<unsigned>(id)) + tag +
         kLength + "\\x0a\\x01";
}

// RFC 4511 A.1: what a bind, or the way to TLS, can end with.
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

// What can become neither a response to that message nor a notice (messageID 0, tag 0x78), at the
// octet that shows it.
std::string anything_else(char id, const std::string& tag) {
  const std::string number = hex(static_cast<unsigned>(id));
  const std::string bad_result = std::string(kLength) + R"((?:[^\x0a]|\x0a[^\x01]))";
  const std::string bad_operation = "[^" + tag + "]|" + tag + bad_result;
  const std::string bad_id =
      R"(\x00[^\x78]|[^\x00)" + number + "]|" + number + "(?:" + bad_operation + ")";
  return R"(\A(?:[^\x30]|\x30[\x80\x85-\xff]|\x30)" + std::string(kLength) +
         R"((?:[^\x02]|\x02[^\x01]|\x02\x01(?:)" + bad_id + ")))";
}

std::vector<Otherwise> refusals(char id, const std::string& tag) {
  const std::string start = response(id, tag);
  std::vector<Otherwise> all;
  for (const auto& [code, name] : kResults) {
    all.push_back({.pattern = start + hex(code),
                   .why = "result " + std::to_string(code) + " (" + name + ")"});
  }
  all.push_back({.pattern = start + "[^\\x00]", .why = "another result"});
  // RFC 4511 4.4.1: the server's own word before it closes, with messageID 0.
  all.push_back({.pattern = std::string("\\A\\x30") + kLength + "\\x02\\x01\\x00\\x78",
                 .why = "a notice of disconnection"});
  all.push_back({.pattern = anything_else(id, tag), .code = Code::L7RSP});
  return all;
}

void ask(StepScript& script, const std::string& request, char id, const std::string& tag,
         const char* called) {
  script.steps.push_back({.step = {.kind = TcpStepKind::send, .text = request}});
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect, .text = response(id, tag) + "\\x00"},
       .called = called,
       .otherwise = refusals(id, tag),
       .size = size_of});
}

}  // namespace

// A simple bind (RFC 4511 4.2), anonymous with neither name nor password, and an unbind (4.3);
// before them the way to TLS where it is asked for.
StepScript ldap_script(const CheckSpec& check) {
  const Login& login = std::get<PresetCheck>(check.protocol).login;
  const std::string user = login ? login.user() : "";
  const std::string password = login ? login.password() : "";
  StepScript script;
  char id = 1;
  if (check.tls == TlsMode::starttls) {
    ask(script, message(id, kExtendedRequest, element(kRequestName, kStartTls)), id,
        kExtendedResponse, "success to StartTLS");
    script.steps.push_back({.step = {.kind = TcpStepKind::starttls}});
    ++id;
  }
  ask(script,
      message(id, kBindRequest,
              std::string(kVersion) + element('\x04', user) + element('\x80', password)),
      id, kBindResponse, "success in BindResponse");
  ++id;
  script.passed = login ? "bound" : "bound anonymously";
  script.farewell = message(id, kUnbindRequest, "");
  return script;
}

}  // namespace ronda::probes
