// The age of data as a server tells it: a time in one of the usual forms, or a number that grows.
// Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "probes/check.hpp"

namespace ronda::probes {

// Seconds since 1970, or the number itself. Blanks around it are allowed. The error is a sentence.
std::expected<double, std::string> parse_stamp(std::string_view text, StampFormat format);

// "20260101000000" or with a fraction, as FTP's MDTM has it (RFC 3659 2.3).
std::expected<double, std::string> parse_mdtm(std::string_view text);

}  // namespace ronda::probes
