// A conversation with one server as a machine without IO: events in, actions out. It sees no
// socket, no clock and no deadline; dialogue_runner joins it to a stream. After Finish it answers
// nothing more, so whatever a peer sends after the verdict changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/result.hpp"

namespace ronda::probes {

struct Opened {};    // connected and, with implicit TLS, secured
struct Upgraded {};  // the handshake asked for with StartTls is done
struct Heard {
  std::string_view bytes{};
};
struct Ended {};  // the peer closed its side
struct SideOpened {};
struct SideFailed {
  std::string text{};  // "Connection refused"
};
using DialogueEvent = std::variant<Opened, Upgraded, Heard, Ended, SideOpened, SideFailed>;

struct Send {
  std::string bytes{};
  // What is in them, or will come back, that nobody may read who watches the dialogue: by it a
  // password could be guessed.
  std::vector<std::string> secrets{};
};
struct StartTls {};
// A second connection, to another port of the same server, closed as soon as it is there.
struct OpenSide {
  std::uint16_t port = 0;
};
struct Close {};  // at once: nothing polite is left to be said
struct Finish {
  ProbeResult result{};  // verdict, code and detail; phases are the runner's
};
using DialogueAction = std::variant<Send, StartTls, OpenSide, Close, Finish>;
using DialogueActions = std::vector<DialogueAction>;

class Dialogue {
 public:
  Dialogue() = default;
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;
  virtual ~Dialogue() = default;

  virtual DialogueActions on(const DialogueEvent& event) = 0;
  // What it waits for and what came so far, for the detail of a timeout: `expected 220, got "22"`.
  virtual std::string waiting_for() const = 0;
};

// `, got "..."`, or `, got nothing`.
std::string describe_got(std::string_view bytes);
// The same of a whole line, which is something when it is empty, too.
std::string describe_line(std::string_view line);

ProbeResult make_pass(Code code, std::string_view detail);
ProbeResult make_fail(Code code, std::string_view detail);
ProbeResult make_unknown(std::string_view detail);

}  // namespace ronda::probes
