// The name a replica is asked by where its check has none: Host, SNI, the name in its certificate.
#pragma once

#include <string>

#include "agent/config/config.hpp"
#include "probes/check.hpp"

namespace ronda::agent {

// Whether the answer may depend on that name.
bool says_server_name(const probes::CheckSpec& spec);

// The name by which the replicas of a service are asked. Empty where the service has no records and
// is called by a word of this file, such as "db", that no server knows.
std::string host_name_of(const ServiceConfig& service);

}  // namespace ronda::agent
