// The one table of kinds of check: for each its name, default port and TLS mode, and its keys with
// their type and how a value lands in a CheckSpec. The config reader, its error messages, its
// JSON Schema and the docs are driven by it.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "probes/check.hpp"

namespace ronda::probes {

enum class FieldType : std::uint8_t {
  text,         // std::string
  flag,         // bool
  duration,     // net::Duration
  size,         // std::uint64_t, from "64KiB" or a number of bytes
  path,         // std::string, already made absolute by the reader
  later_path,   // the same of a file that need not be there yet
  address,      // net::IpAddress
  pattern,      // std::string, RE2 syntax, checked by the setter
  count,        // std::uint64_t, a whole number
  status_list,  // std::string: "200-299,301"; the reader also takes a list of numbers and joins it
  text_map,     // TextMap
  steps,        // std::vector<TextMap>: objects with one key each, flags as "true"
  login,        // Login, from the file that the value names
  command,  // std::vector<std::string>: a program, by then absolute and executable, with arguments
};
using TextMap = std::vector<std::pair<std::string, std::string>>;
using FieldValue = std::variant<std::string, bool, net::Duration, std::uint64_t, net::IpAddress,
                                TextMap, std::vector<TextMap>, Login, std::vector<std::string>>;

struct Field {
  std::string_view key{};
  FieldType type = FieldType::text;
  // Puts a value of the right alternative into the check; the error is a sentence to follow the
  // place.
  std::expected<void, std::string> (*set)(CheckSpec& check, const FieldValue& value) = nullptr;
  bool required = false;
  std::span<const std::string_view> words{};  // a text is one of these; empty: any
};

struct Kind {
  std::string_view name{};
  std::uint16_t default_port = 0;  // 0: required, unless it needs none
  TlsMode default_tls = TlsMode::off;
  bool starttls = false;      // may be asked for
  bool implicit_tls = false;  // may be asked for
  Protocol initial{};
  std::span<const Field> fields{};  // its own keys; common_fields() come on top
  bool needs_port = true;
  bool runs_program = false;  // refused where the config does not allow that
  std::size_t read_limit = std::size_t{64} * 1024;
};

// The port of a check of this kind that has none written: DNS over TLS has one of its own. 0:
// there is none.
std::uint16_t default_port(const Kind& kind, const CheckSpec& check);

// The most that read_limit can be.
std::size_t most_read(const Kind& kind);

std::span<const Kind> kinds();
// What a service's `load` can be: reports, which judge nothing.
std::span<const Kind> load_kinds();
const Kind* find_kind(std::string_view name);
// Keys of every kind that land in a CheckSpec: server_name, verify, ca_file, cert_file, key_file,
// tls, cert_warn, read_limit, source. (type, port, interval ... are the reader's own.)
std::span<const Field> common_fields();
// Why one of those, or "port", means nothing to this kind: it would be believed in. Empty where it
// does.
std::string_view why_useless(const Kind& kind, std::string_view key);
// What "tls" may say with this kind.
std::vector<std::string_view> tls_words(const Kind& kind);
// Whole-check rules after all keys are in: tls mode and read_limit allowed for the kind, cert_file
// with key_file, tcp steps well-formed. Returns every problem.
std::vector<std::string> validate(const Kind& kind, const CheckSpec& check);

}  // namespace ronda::probes
