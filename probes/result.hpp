// What one probe says, once: a four-valued verdict with an HAProxy-style code, a reason and phase
// times. A probe reports; it never counts and never decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/fault.hpp"
#include "net/time.hpp"
#include "probes/reading.hpp"

namespace ronda::probes {

enum class Verdict : std::uint8_t {
  pass,
  warn,  // counts as pass, is shown
  fail,
  unknown,  // we could not ask; never moves a counter
};

enum class Code : std::uint8_t {
  L4OK,
  L6OK,
  L7OK,
  L7OKC,  // L7OKC: conditional, with WARN
  L4CON,
  L4TOUT,
  L6RSP,
  L6TOUT,
  L7TOUT,
  L7RSP,
  L7STS,
  PROCERR,
  PROCTOUT,
  SOCKERR,
};

struct Phases {  // unset: not reached
  std::optional<net::Duration> connect{};
  std::optional<net::Duration> tls{};
  std::optional<net::Duration> first_byte{};
  net::Duration total{};
  friend bool operator==(const Phases&, const Phases&) = default;
};

struct ProbeResult {
  Verdict verdict = Verdict::unknown;
  Code code = Code::SOCKERR;
  std::string detail{};  // at most 200 bytes, printable: what was expected and what came
  Phases phases{};
  // The earliest end among the certificates the server presented, and within the chain that was
  // verified: a presented one that nobody needs may end unnoticed.
  std::optional<net::WallTime> cert_not_after{};
  std::optional<net::WallTime> cert_chain_not_after{};
  // Of a word from outside: which one it is. The same one seen again holds, and is not counted
  // again. 0: everything else.
  std::uint64_t report = 0;
  bool drained = false;  // with PASS: it asks to be taken out, as HAProxy's disable-on-404
  Reading reading{};     // of a report
  friend bool operator==(const ProbeResult&, const ProbeResult&) = default;
};

const char* to_string(Verdict verdict);  // "pass" ...
const char* to_string(Code code);        // "L4CON" ...

// Makes foreign bytes fit for `detail`: printable ASCII, the rest as \xNN, cut at `limit` with
// "...".
std::string printable(std::string_view bytes, std::size_t limit = 200);

// A socket fault as a result: ours is UNKNOWN/SOCKERR, theirs FAIL with the code of its phase.
ProbeResult from_fault(const net::Fault& fault);

}  // namespace ronda::probes
