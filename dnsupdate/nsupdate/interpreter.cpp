#include "dnsupdate/nsupdate/interpreter.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "dnsupdate/nsupdate/key_text.hpp"
#include "dnsupdate/nsupdate/record_line.hpp"
#include "dnsupdate/nsupdate/words.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::string_view kHelp =
    "local address             (set the local address)\n"
    "server address [port]     (set the primary server of the zone)\n"
    "send                      (send the update request)\n"
    "show                      (show the update request)\n"
    "answer                    (show the answer to the last request)\n"
    "quit                      (quit, any pending update is not sent)\n"
    "help                      (display this message)\n"
    "key [hmac:]keyname secret (use TSIG to sign the request)\n"
    "zone name                 (set the zone to be updated)\n"
    "class CLASS               (set the zone's DNS class, e.g. IN (default), CH)\n"
    "ttl { seconds | none }    (set the TTL of additions that name none)\n"
    "check-names { on | off }  (enable / disable check-names)\n"
    "check-svcb { on | off }   (enable / disable check-svcb)\n"
    "[prereq] nxdomain name    (require that this name does not exist)\n"
    "[prereq] yxdomain name    (require that this name exists)\n"
    "[prereq] nxrrset ....     (require that this RRset does not exist)\n"
    "[prereq] yxrrset ....     (require that this RRset exists)\n"
    "[update] add ....         (add the given record to the zone)\n"
    "[update] del[ete] ....    (remove the given record(s) from the zone)\n";

LineResult failed(std::string why) {
  return {.action = LineAction::failed, .text = std::move(why)};
}

LineResult from(std::expected<void, std::string> done) {
  return done ? LineResult{} : failed(std::move(done).error());
}

// The optional port behind an address.
std::expected<std::uint16_t, std::string> read_port(std::string_view word, std::uint16_t standard) {
  if (word.empty()) {
    return standard;
  }
  long port = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  const std::string quoted = "port '" + std::string(word) + "' is ";
  if (error == std::errc::invalid_argument || end != word.data() + word.size()) {
    return std::unexpected(quoted + "not numeric");
  }
  if (error != std::errc{} || port < 1 || port > 65'535) {
    return std::unexpected(quoted + "out of range (1 to 65535)");
  }
  return static_cast<std::uint16_t>(port);
}

LineResult read_switch(bool& value, std::string_view arguments, const std::string& command) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read " + command + " directive");
  }
  for (const std::string_view yes : {"yes", "true", "on"}) {
    if (same_word(word, yes)) {
      value = true;
      return {};
    }
  }
  for (const std::string_view no : {"no", "false", "off"}) {
    if (same_word(word, no)) {
      value = false;
      return {};
    }
  }
  return failed("incorrect " + command + " directive: " + std::string(word));
}

std::optional<Prerequisite> prerequisite_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Prerequisite>, 4> kKinds{
      {{"nxdomain", Prerequisite::nxdomain},
       {"yxdomain", Prerequisite::yxdomain},
       {"nxrrset", Prerequisite::nxrrset},
       {"yxrrset", Prerequisite::yxrrset}}};
  for (const auto& [text, kind] : kKinds) {
    if (same_word(word, text)) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace

LineResult Interpreter::prereq(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read operation code");
  }
  const auto kind = prerequisite_of(word);
  if (!kind) {
    return failed("incorrect operation code: " + std::string(word));
  }
  return from(read_prerequisite(session_, *kind, arguments));
}

LineResult Interpreter::update(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read operation code");
  }
  if (same_word(word, "add")) {
    return from(read_addition(session_, arguments));
  }
  if (same_word(word, "delete") || same_word(word, "del")) {
    return from(read_deletion(session_, arguments));
  }
  return failed("incorrect operation code: " + std::string(word));
}

LineResult Interpreter::server(std::string_view arguments) {
  if (settings_.local_only) {
    return failed("cannot reset server in localhost-only mode");
  }
  const std::string_view host = take_word(arguments);
  if (host.empty()) {
    return failed("could not read server name");
  }
  const auto port = read_port(take_word(arguments), settings_.port);
  if (!port) {
    return failed(port.error());
  }
  session_.server = ServerWord{.host = std::string(host), .port = *port};
  return {.action = LineAction::look_up};
}

LineResult Interpreter::local(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read server name");
  }
  const std::string_view port_word = take_word(arguments);
  if (const auto port = read_port(port_word, 1); !port) {
    return failed(port.error());
  }
  const auto address = net::IpAddress::parse(word);
  if (!address) {
    return failed("invalid address " + std::string(word));
  }
  (address->is_v4() ? session_.local_v4 : session_.local_v6) = *address;
  return {.warning = port_word.empty() ? "" : "the local port is left to the system"};
}

LineResult Interpreter::zone(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read zone name");
  }
  const auto name = parse_owner(word);
  if (!name) {
    session_.zone = std::nullopt;
    return failed("could not parse zone name: " + name.error());
  }
  session_.zone = *name;
  return {};
}

LineResult Interpreter::rr_class(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read class name");
  }
  const auto parsed = parse_class(word);
  if (!parsed) {
    return failed("could not parse class name: " + std::string(word));
  }
  if (*parsed == RrClass::NONE || *parsed == RrClass::ANY || static_cast<unsigned>(*parsed) == 0) {
    return failed("bad default class: " + std::string(word));
  }
  session_.set_default_class(*parsed);
  return {};
}

LineResult Interpreter::ttl(std::string_view arguments) {
  const std::string_view word = take_word(arguments);
  if (word.empty()) {
    return failed("could not read ttl");
  }
  if (same_word(word, "none")) {
    session_.ttl = std::nullopt;
    return {};
  }
  constexpr std::uint32_t kLongest = 2'147'483'647;
  const auto parsed = parse_ttl(word);
  if (!parsed && parsed.error() == NumberFault::not_a_number) {
    return failed("ttl '" + std::string(word) + "': not a valid number");
  }
  if (!parsed || *parsed > kLongest) {
    return failed("ttl '" + std::string(word) + "' is out of range (0 to " +
                  std::to_string(kLongest) + ")");
  }
  session_.ttl = *parsed;
  return {};
}

LineResult Interpreter::key(std::string_view arguments) {
  const std::string_view name = take_word(arguments);
  if (name.empty()) {
    return failed("could not read key name");
  }
  const std::string_view secret = trimmed(arguments);
  if (secret.empty()) {
    return failed("could not read key secret");
  }
  auto parsed = parse_key_words(name, secret);
  if (!parsed) {
    return failed(parsed.error());
  }
  session_.key = *std::move(parsed);
  return {};
}

LineResult Interpreter::switch_names(std::string_view arguments) {
  return read_switch(session_.check_names, arguments, "check-names");
}

LineResult Interpreter::switch_svcb(std::string_view arguments) {
  return read_switch(session_.check_svcb, arguments, "check-svcb");
}

LineResult Interpreter::debug(std::string_view) {
  ++session_.debug;
  return {};
}

LineResult Interpreter::send(std::string_view) {
  return {.action = LineAction::send};
}

LineResult Interpreter::quit(std::string_view) {
  return {.action = LineAction::quit};
}

LineResult Interpreter::show(std::string_view) {
  return {.action = LineAction::show};
}

LineResult Interpreter::answer(std::string_view) {
  return {.action = LineAction::answer};
}

LineResult Interpreter::help(std::string_view) {
  return {.action = LineAction::print, .text = settings_.version + ":\n" + std::string(kHelp)};
}

LineResult Interpreter::version(std::string_view) {
  return {.action = LineAction::print, .text = settings_.version + "\n"};
}

LineResult Interpreter::no_gss(std::string_view) {
  return failed(
      "gsstsig not supported: ronda signs with TSIG keys only; use \"key\" or -k, or nsupdate "
      "itself");
}

LineResult Interpreter::realm(std::string_view) {
  return {};  // names a realm for signatures that nobody can ask for
}

LineResult Interpreter::line(std::string_view text) {
  using Command = std::pair<std::string_view, LineResult (Interpreter::*)(std::string_view)>;
  static constexpr std::array kCommands{
      Command{"update", &Interpreter::update},
      Command{"prereq", &Interpreter::prereq},
      Command{"server", &Interpreter::server},
      Command{"local", &Interpreter::local},
      Command{"zone", &Interpreter::zone},
      Command{"class", &Interpreter::rr_class},
      Command{"ttl", &Interpreter::ttl},
      Command{"key", &Interpreter::key},
      Command{"send", &Interpreter::send},
      Command{"quit", &Interpreter::quit},
      Command{"show", &Interpreter::show},
      Command{"answer", &Interpreter::answer},
      Command{"debug", &Interpreter::debug},
      Command{"check-names", &Interpreter::switch_names},
      Command{"checknames", &Interpreter::switch_names},
      Command{"check-svcb", &Interpreter::switch_svcb},
      Command{"checksvcb", &Interpreter::switch_svcb},
      Command{"gsstsig", &Interpreter::no_gss},
      Command{"oldgsstsig", &Interpreter::no_gss},
      Command{"realm", &Interpreter::realm},
      Command{"help", &Interpreter::help},
      Command{"version", &Interpreter::version},
  };
  if (text.size() > kLongestLine) {
    return failed("the line is longer than " + std::to_string(kLongestLine) + " octets");
  }
  if (text.find('\0') != std::string_view::npos) {
    return failed("the line holds a NUL octet");
  }
  std::string_view rest = text;
  const std::string_view word = take_word(rest);
  if (word.empty()) {
    return send(rest);
  }
  if (word.front() == ';') {
    return {};
  }
  for (const auto& [command, execute] : kCommands) {
    if (same_word(word, command)) {
      return (this->*execute)(rest);
    }
  }
  // "update" and "prereq" may be left out.
  if (same_word(word, "add") || same_word(word, "delete") || same_word(word, "del")) {
    return update(text);
  }
  return prerequisite_of(word) ? prereq(text)
                               : failed("incorrect section name: " + std::string(word));
}

}  // namespace ronda::dnsupdate
