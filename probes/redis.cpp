#include "probes/presets.hpp"

namespace ronda::probes {

namespace {

// A command as an array of bulk strings: any octet may stand in a password.
std::string command(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return text;
}

void ask(StepScript& script, const std::vector<std::string>& words, const std::string& reply) {
  script.steps.push_back({.step = {.kind = TcpStepKind::send, .text = command(words)}});
  script.steps.push_back(
      {.step = {.kind = TcpStepKind::expect, .text = "\\A\\+" + reply + "\\r\\n"},
       .called = "+" + reply + " to " + words.front(),
       // -LOADING, -MASTERDOWN, -NOAUTH, -WRONGPASS, -DENIED: it cannot serve, or not us.
       .otherwise = {{.pattern = R"(\A-[^\n]*\n)"},
                     {.pattern = R"(\A(?:[^+-]|\+[^\n]*\n))", .code = Code::L7RSP}},
       .told = true});
}

}  // namespace

// Without QUIT, which newer servers deprecate: a client just closes.
StepScript redis_script(const Login& login) {
  StepScript script;
  if (login && login.user() == "default") {
    // The form that servers before 6 know, too; they have no other user.
    ask(script, {"AUTH", login.password()}, "OK");
  } else if (login) {
    ask(script, {"AUTH", login.user(), login.password()}, "OK");
  }
  ask(script, {"PING"}, "PONG");
  return script;
}

}  // namespace ronda::probes
