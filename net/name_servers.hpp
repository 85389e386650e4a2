// The system's own name servers, as resolv.conf(5) lists them. Reading the file blocks: for the
// worker, or before the loop runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"

namespace ronda::net {

// At most three, as the C library has it; the loopback when there is none, also as there.
std::vector<Endpoint> parse_name_servers(std::string_view resolv_conf);
std::vector<Endpoint> system_name_servers(const std::string& file = "/etc/resolv.conf");

}  // namespace ronda::net
