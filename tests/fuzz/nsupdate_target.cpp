#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "dnsupdate/nsupdate/interpreter.hpp"
#include "dnsupdate/nsupdate/key_text.hpp"
#include "dnsupdate/nsupdate/message_text.hpp"
#include "dnsupdate/nsupdate/type_form.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

using namespace dnsupdate;

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

// What is sent is what was understood, and what is shown can be read again.
void check_message(ScriptSession& session) {
  const Message message = session.message(session.zone);
  require(message_text(message).starts_with(";; ->>HEADER<<- opcode: UPDATE"));
  if (const auto octets = write_message(message)) {
    require(read_message(*octets) == message);
  }
  for (const auto* section : {&message.answer, &message.authority}) {
    for (const ResourceRecord& record : *section) {
      const std::string text = data_text(record.type, record.rdata);
      require(record.rdata.empty() || parse_data(record.type, text) == record.rdata);
    }
  }
}

}  // namespace

// A script of nsupdate's commands: every line is carried out or refused with a sentence.
void nsupdate(std::span<const std::byte> input) {
  std::string_view rest(reinterpret_cast<const char*>(input.data()), input.size());
  if (const auto key = parse_key_option(rest); !key) {
    require(!key.error().empty());
  }
  if (const auto key = parse_key_record(rest); !key) {
    require(!key.error().empty());
  }
  ScriptSession session;
  const InterpreterSettings settings;
  Interpreter interpreter(session, settings);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const LineResult result = interpreter.line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    require(result.action != LineAction::failed || !result.text.empty());
    if (result.action == LineAction::send || result.action == LineAction::show) {
      check_message(session);
    }
    if (result.action == LineAction::send) {
      session.begin_message();
      session.forget_class();
    }
  }
  check_message(session);
}

}  // namespace ronda::fuzz
