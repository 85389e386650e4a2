// How the value of each key lands in a CheckSpec: one setter a key, used by the table of kinds
// alone. A setter refuses what could never work with a sentence that follows the place in the
// config.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/kinds.hpp"

namespace ronda::probes {

using SetOutcome = std::expected<void, std::string>;

SetOutcome set_tls(CheckSpec& check, const FieldValue& value);
SetOutcome set_server_name(CheckSpec& check, const FieldValue& value);
SetOutcome set_verify(CheckSpec& check, const FieldValue& value);
SetOutcome set_ca_file(CheckSpec& check, const FieldValue& value);
SetOutcome set_cert_file(CheckSpec& check, const FieldValue& value);
SetOutcome set_key_file(CheckSpec& check, const FieldValue& value);
SetOutcome set_cert_warn(CheckSpec& check, const FieldValue& value);
SetOutcome set_read_limit(CheckSpec& check, const FieldValue& value);
SetOutcome set_source(CheckSpec& check, const FieldValue& value);

SetOutcome set_method(CheckSpec& check, const FieldValue& value);
SetOutcome set_path(CheckSpec& check, const FieldValue& value);
SetOutcome set_host(CheckSpec& check, const FieldValue& value);
SetOutcome set_headers(CheckSpec& check, const FieldValue& value);
SetOutcome set_status(CheckSpec& check, const FieldValue& value);
SetOutcome set_body(CheckSpec& check, const FieldValue& value);
SetOutcome set_body_not(CheckSpec& check, const FieldValue& value);
SetOutcome set_header(CheckSpec& check, const FieldValue& value);
SetOutcome set_header_not(CheckSpec& check, const FieldValue& value);
SetOutcome set_http_version(CheckSpec& check, const FieldValue& value);

SetOutcome set_basic_auth(CheckSpec& check, const FieldValue& value);

SetOutcome set_helo(CheckSpec& check, const FieldValue& value);
SetOutcome set_rcpt(CheckSpec& check, const FieldValue& value);
SetOutcome set_smtp_login(CheckSpec& check, const FieldValue& value);
SetOutcome set_anonymous(CheckSpec& check, const FieldValue& value);
SetOutcome set_passive(CheckSpec& check, const FieldValue& value);
SetOutcome set_ftp_login(CheckSpec& check, const FieldValue& value);
SetOutcome set_imap_login(CheckSpec& check, const FieldValue& value);
SetOutcome set_pop3_login(CheckSpec& check, const FieldValue& value);
SetOutcome set_preset_login(CheckSpec& check, const FieldValue& value);
SetOutcome set_steps(CheckSpec& check, const FieldValue& value);
SetOutcome set_argv(CheckSpec& check, const FieldValue& value);
SetOutcome set_exit_codes(CheckSpec& check, const FieldValue& value);
// For flags whose `true` is not built yet: `false`, their default, is taken.
SetOutcome set_only_false(CheckSpec& check, const FieldValue& value);
// For keys that are refused before any setter is called.
SetOutcome set_nothing(CheckSpec& check, const FieldValue& value);

// "200-299, 301": inclusive ranges of HTTP status codes.
std::expected<std::vector<std::pair<int, int>>, std::string> parse_status_list(
    std::string_view text);

}  // namespace ronda::probes
