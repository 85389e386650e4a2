// What `ronda probe` prints: the outcome of one check as a line and as JSON, and the lines of its
// dialogue. Strings only.
#pragma once

#include <string>
#include <vector>

#include "net/address.hpp"
#include "probes/result.hpp"
#include "probes/trace.hpp"

namespace ronda::agent {

struct ProbeReport {
  std::string check{};
  std::string type{};
  net::Endpoint endpoint{};
  std::string server_name{};
  probes::ProbeResult result{};
  std::vector<probes::TraceLine> dialogue{};  // empty: nobody asked for it
};

// Nagios's: 0 PASS, 1 WARN, 2 FAIL, 3 UNKNOWN.
int exit_code(const probes::ProbeResult& result);
// "FAIL L4CON web 192.0.2.1:80: connection refused | time=0.0004s".
std::string to_line(const ProbeReport& report);
// "   0.0012 < 220 mx ESMTP".
std::string to_line(const probes::TraceLine& line);
std::string to_json(const ProbeReport& report, const std::vector<std::string>& errors);
std::string probe_failure_json(const std::vector<std::string>& errors);  // nothing was probed

}  // namespace ronda::agent
