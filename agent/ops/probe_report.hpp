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
  std::string as{};  // the same name where it does not go without saying
  probes::ProbeResult result{};
  std::vector<probes::TraceLine> dialogue{};  // empty: nobody asked for it
};

// Nagios's: 0 PASS, 1 WARN, 2 FAIL, 3 UNKNOWN.
int exit_code(const probes::ProbeResult& result);
// FAIL before UNKNOWN before WARN before PASS, of equals the first; at least one.
const ProbeReport& worst_of(const std::vector<ProbeReport>& reports);
// "FAIL L4CON web 192.0.2.1:80: connection refused | time=0.0004s".
std::string to_line(const ProbeReport& report);
// "   0.0012 < 220 mx ESMTP".
std::string to_line(const probes::TraceLine& line);
// The worst one, and of several each under "addresses".
std::string to_json(const std::vector<ProbeReport>& reports);

}  // namespace ronda::agent
