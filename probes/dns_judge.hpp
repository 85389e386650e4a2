// What a dns check asks, which reply answers it, and what that reply says about the server. Pure:
// dns_exchange does the asking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "dnsupdate/wire/message.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

dnsupdate::Message dns_question(const DnsCheck& check, std::uint16_t id);
// The SOA of the check's zone, to be asked of the reference.
dnsupdate::Message reference_question(const DnsCheck& check, std::uint16_t id);
// "SOA example.com"
std::string question_text(const dnsupdate::Message& question);
// What came, for a person who watches: a line about the whole, then one a record of the answer.
std::vector<std::string> reply_lines(const dnsupdate::Message& reply);

// The reply to this very question; else in a few words why it is none.
std::expected<dnsupdate::Message, std::string> read_reply(std::span<const std::byte> octets,
                                                          const dnsupdate::Message& question);

// The reference's serial, or in a few words why it is not known.
using ReferenceSerial = std::expected<std::uint32_t, std::string>;
ReferenceSerial read_reference(const DnsCheck& check, const dnsupdate::Message& reply);

// Everything the check asks of the reply but the lag.
ProbeResult judge_reply(const DnsCheck& check, const dnsupdate::Message& reply);
// Of a reply that judge_reply passed: with the lag, where the check has a limit for it.
ProbeResult judge_lag(const DnsCheck& check, const dnsupdate::Message& reply,
                      const ReferenceSerial& reference);

}  // namespace ronda::probes
