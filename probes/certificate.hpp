// What a check says about the certificate it met: one that ends soon turns PASS into WARN, never
// into FAIL, and one that was not verified is named as such. Verification itself happens in the
// handshake.
#pragma once

#include <optional>
#include <string_view>

#include "net/time.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

void judge_certificate(ProbeResult& result, const CheckSpec& check,
                       std::optional<net::WallTime> not_after, net::WallTime now);

// OpenSSL's form, "Dec 22 20:42:33 2026 GMT".
std::optional<net::WallTime> parse_certificate_time(std::string_view text);

}  // namespace ronda::probes
