// How the value of each key lands in a CheckSpec: one setter a key, used by the table of kinds. A
// setter takes the value in its own type, and refuses what could never work with a sentence that
// follows the place in the config. The check's protocol is the kind's `initial` by then. One .cpp a
// protocol; the keys of every kind in setters.cpp.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "probes/kinds.hpp"

namespace ronda::probes {

using SetOutcome = std::expected<void, std::string>;

SetOutcome set_tls(CheckSpec& check, const std::string& text);
SetOutcome set_server_name(CheckSpec& check, const std::string& text);
SetOutcome set_cert_warn(CheckSpec& check, const net::Duration& duration);
SetOutcome set_read_limit(CheckSpec& check, const std::uint64_t& size);
SetOutcome set_source(CheckSpec& check, const net::IpAddress& address);

SetOutcome set_method(CheckSpec& check, const std::string& text);
SetOutcome set_path(CheckSpec& check, const std::string& text);
SetOutcome set_host(CheckSpec& check, const std::string& text);
SetOutcome set_headers(CheckSpec& check, const TextMap& map);
SetOutcome set_status(CheckSpec& check, const std::string& text);
SetOutcome set_drain_status(CheckSpec& check, const std::string& text);
SetOutcome set_body(CheckSpec& check, const std::string& text);
SetOutcome set_body_not(CheckSpec& check, const std::string& text);
SetOutcome set_header(CheckSpec& check, const TextMap& map);
SetOutcome set_header_not(CheckSpec& check, const TextMap& map);
SetOutcome set_basic_auth(CheckSpec& check, const Login& login);
SetOutcome set_http_version(CheckSpec& check, const std::string& text);
// "200-299, 301": inclusive ranges of HTTP status codes.
std::expected<std::vector<std::pair<int, int>>, std::string> parse_status_list(
    std::string_view text);

SetOutcome set_helo(CheckSpec& check, const std::string& text);
SetOutcome set_rcpt(CheckSpec& check, const std::string& text);

SetOutcome set_steps(CheckSpec& check, const std::vector<TextMap>& list);

SetOutcome set_role(CheckSpec& check, const std::string& text);

SetOutcome set_dns_name(CheckSpec& check, const std::string& text);
SetOutcome set_qtype(CheckSpec& check, const std::string& text);
SetOutcome set_transport(CheckSpec& check, const std::string& text);
SetOutcome set_rcode(CheckSpec& check, const std::string& text);
SetOutcome set_answer(CheckSpec& check, const std::string& text);
SetOutcome set_serial_lag(CheckSpec& check, const std::uint64_t& most);

SetOutcome set_expires(CheckSpec& check, const net::Duration& duration);

SetOutcome set_argv(CheckSpec& check, const std::vector<std::string>& argv);
SetOutcome set_exit_codes(CheckSpec& check, const std::string& text);

SetOutcome set_agent_send(CheckSpec& check, const std::string& text);
SetOutcome set_number_url(CheckSpec& check, const std::string& text);
SetOutcome set_pointer(CheckSpec& check, const std::string& text);

// A setter as the table has it, where values of all types are one.
template <auto setter>
struct Typed;
template <typename T, SetOutcome (*setter)(CheckSpec&, const T&)>
struct Typed<setter> {
  static SetOutcome set(CheckSpec& check, const FieldValue& value) {
    const T* held = std::get_if<T>(&value);
    return held != nullptr ? setter(check, *held) : std::unexpected("has the wrong type of value");
  }
};
template <auto setter>
constexpr auto kTyped = &Typed<setter>::set;

// For keys whose every value is good: one member of the protocol, or of the TLS settings.
template <typename Check, auto member>
SetOutcome keep(CheckSpec& check,
                const std::remove_reference_t<decltype(std::declval<Check&>().*member)>& value) {
  std::get<Check>(check.protocol).*member = value;
  return {};
}
template <auto member>
SetOutcome keep_tls(
    CheckSpec& check,
    const std::remove_reference_t<decltype(std::declval<net::TlsSettings&>().*member)>& value) {
  check.tls_settings.*member = value;
  return {};
}

}  // namespace ronda::probes
