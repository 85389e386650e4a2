// From facts to findings: which answer of a primary means what, and what mends it. Pure, and a
// truth table in its tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/doctor/facts.hpp"
#include "agent/doctor/finding.hpp"

namespace ronda::agent {

std::vector<DoctorFinding> find_faults(const ZoneFacts& facts);

// Of a version of BIND ("9.18.49-1~deb12u3-Debian") with known faults in what ronda needs.
std::optional<std::string> version_fault(std::string_view version);

}  // namespace ronda::agent
