// Facts of a zone that is well, made by hand, for tests that spoil one of them.
#pragma once

#include <string>
#include <vector>

#include "agent/doctor/facts.hpp"
#include "agent/doctor/finding.hpp"
#include "tests/unit/update/values.hpp"

namespace ronda::test {

dnsupdate::Reply reply_of(dnsupdate::Rcode rcode);
dnsupdate::NoReply no_reply(dnsupdate::NoReplyKind kind, const std::string& detail);
// An authoritative SOA; `left` of its 86400 s as EXPIRE option.
dnsupdate::Reply soa_of(const std::string& zone, std::uint32_t serial);
dnsupdate::Reply expire_of(const std::string& zone, std::uint32_t left);
agent::NameServerFacts name_server(dnsupdate::Answer answer);

// example.com with www.example.com A, 192.0.2.1 and 192.0.2.2.
agent::ZoneFacts healthy_facts();
// "grade topic" of each.
Strings heads(const std::vector<agent::DoctorFinding>& findings);
// The first finding of this topic.
agent::DoctorFinding about(const std::vector<agent::DoctorFinding>& findings,
                           const std::string& topic);

}  // namespace ronda::test
