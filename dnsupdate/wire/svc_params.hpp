// The service parameters of SVCB and HTTPS records (RFC 9460 2.1, 2.2 and appendix A): keys with
// values, in the wire form in ascending order, in text as words "alpn=h2,h3". Seven keys have a
// form of their own; the others are octets under their number.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dnsupdate/wire/rdata_text.hpp"

namespace ronda::dnsupdate {

// Any order of the words; the wire form is sorted. The error is a sentence.
std::expected<std::string, std::string> parse_svc_params(const std::vector<TextToken>& words);

// Octets are parameters when the keys ascend and each known value has its form.
bool are_svc_params(std::string_view octets);

// What makes parameters of good form contradict one another (RFC 9460 7.1.2, 8), as a sentence.
std::optional<std::string> svc_params_conflict(std::string_view octets);

// As named prints them. Takes octets that are_svc_params() accepts.
std::string print_svc_params(std::string_view octets);

}  // namespace ronda::dnsupdate
