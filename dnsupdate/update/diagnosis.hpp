// From what a primary answered, or did not, to one sentence that names the cause and the cure (RFC
// 2136 3.8, RFC 8945 5.3). It judges nothing: the outcome is decided elsewhere. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "dnsupdate/wire/rr_type.hpp"
#include "net/fault.hpp"
#include "net/time.hpp"

namespace ronda::dnsupdate {

struct DiagnosisContext {
  std::string server{};     // "127.0.0.1:53"
  std::string zone{};       // "example.com"; empty: not known here
  std::string key_name{};   // "ronda"; empty: not known here
  std::string algorithm{};  // "hmac-sha256"
  bool reading = false;     // a query, not an UPDATE
  friend bool operator==(const DiagnosisContext&, const DiagnosisContext&) = default;
};

// Of a verified reply. `skew`: the primary's clock minus ours, known with BADTIME. Empty for
// NOERROR.
std::string diagnose_reply(const DiagnosisContext& context, Rcode rcode,
                           std::optional<TsigError> tsig_error = std::nullopt,
                           std::optional<std::chrono::seconds> skew = std::nullopt);
// Of a reply without a valid signature: what it claims is no evidence, but the best hint there is.
std::string diagnose_unauthenticated(const DiagnosisContext& context, std::optional<Rcode> rcode,
                                     std::optional<TsigError> tsig_error, const std::string& why);
// Of an UPDATE refused for one owner. `takes_updates`: one that changes nothing was not refused.
std::string diagnose_refusal(const DiagnosisContext& context, bool takes_updates);
// What is known of an UPDATE for one owner that was answered with SERVFAIL.
struct FailureEvidence {
  std::size_t records = 0;               // the largest RRset it would have made
  std::optional<bool> zone_is_signed{};  // it has DNSSEC keys
  bool zone_is_served = true;            // the read-back was answered
};
std::string diagnose_failure(const DiagnosisContext& context, const FailureEvidence& evidence);
std::string diagnose_fault(const DiagnosisContext& context, const net::Fault& fault);
std::string diagnose_timeout(const DiagnosisContext& context, net::Duration limit);
std::string diagnose_close(const DiagnosisContext& context);

}  // namespace ronda::dnsupdate
