#include "probes/presets.hpp"

namespace ronda::probes {

namespace {

// With its length before it in two octets (MQTT 3.1.1, 1.5.3).
std::string field(const std::string& text) {
  return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)} +
         text;
}

// 2.2.3: seven bits an octet, the lowest first. A Login is far from a third octet.
std::string packet(char type, const std::string& rest) {
  std::string text(1, type);
  if (rest.size() > 0x7f) {
    text += static_cast<char>(0x80U | (rest.size() & 0x7fU));
    text += static_cast<char>(rest.size() >> 7);
  } else {
    text += static_cast<char>(rest.size());
  }
  return text + rest;
}

constexpr char kCleanSession = '\x02';
constexpr char kUserAndPassword = '\xc0';
constexpr std::string_view kKeepAlive("\0\x3c", 2);  // 60 s, longer than any probe

// At the octet that shows it.
constexpr const char* kNoConnack =
    R"(\A(?:[^\x20]|\x20[^\x02-\x7f]|\x20[\x03-\x7f](?:[^\x00]|\x00[^\x84])|\x20\x02(?s:.){2}))";

Otherwise refusal(const char* code, const char* why) {
  return {.pattern = std::string(R"(\A\x20\x02[\x00\x01])") + code, .why = why};
}

}  // namespace

// MQTT 3.1.1. A clean session leaves nothing behind on the server. Ids of up to 23 letters and
// digits every server takes (3.1.3.1), none at all not every one does.
StepScript mqtt_script(const Login& login, const Caller& caller) {
  constexpr std::size_t kUnique = 18;
  std::string connect = field("MQTT");
  connect += '\x04';  // level: 3.1.1
  connect += static_cast<char>(login ? kCleanSession | kUserAndPassword : kCleanSession);
  connect += kKeepAlive;
  connect += field("ronda" + caller.unique.substr(0, kUnique));
  if (login) {
    connect += field(login.user()) + field(login.password());
  }
  StepScript script;
  script.steps.push_back({.step = {.kind = TcpStepKind::send, .text = packet('\x10', connect)}});
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect, .text = R"(\A\x20\x02[\x00\x01]\x00)"},
       .called = "an accepting CONNACK",
       // 3.2.2.3
       .otherwise = {refusal("\\x01", "1 (unacceptable protocol version)"),
                     refusal("\\x02", "2 (identifier rejected)"),
                     refusal("\\x03", "3 (server unavailable)"),
                     refusal("\\x04", "4 (bad user name or password)"),
                     refusal("\\x05", "5 (not authorized)"),
                     // It answers in its own version's form (MQTT 5, 3.2.2.2).
                     {.pattern = R"(\A\x20[\x03-\x7f]\x00\x84)",
                      .why = "132 (unsupported protocol version: MQTT 5 alone)"},
                     {.pattern = kNoConnack, .code = Code::L7RSP}}});
  script.passed = "CONNACK: accepted";
  script.farewell = packet('\xe0', "");
  return script;
}

}  // namespace ronda::probes
