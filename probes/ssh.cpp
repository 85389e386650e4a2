#include "probes/presets.hpp"

namespace ronda::probes {

namespace {

// A server that is left before it has heard our version logs an error, and one that is left without
// a word after it a lost connection: so both are said. The packet is SSH_MSG_DISCONNECT, reason 11
// (BY_APPLICATION, RFC 4253 11.1), in the form before any key exchange (6): its length, the length
// of the padding, the payload, and padding up to a multiple of eight octets.
constexpr std::string_view kFarewell(
    "SSH-2.0-ronda\r\n"
    "\0\0\0\x1c\x0b"
    "\x01\0\0\0\x0b\0\0\0\x03"
    "bye\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0",
    15 + 4 + 28);

}  // namespace

// A server may say other lines first (RFC 4253 4.2). 1.99 is 2.0 that also takes old clients (5.1).
StepScript ssh_script() {
  StepScript script;
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect, .text = R"(^SSH-(?:2\.0|1\.99)-[^\n]*\n)"},
       .called = "SSH-2.0-...",
       .otherwise = {{.pattern = R"(^SSH-[^\n]*\n)"}},
       .told = true});
  script.farewell = kFarewell;
  return script;
}

}  // namespace ronda::probes
