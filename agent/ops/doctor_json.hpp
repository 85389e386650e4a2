// The findings of `ronda doctor` as JSON.
#pragma once

#include <string>
#include <vector>

#include "agent/doctor/finding.hpp"

namespace ronda::agent {

std::string to_json(const std::vector<DoctorFinding>& findings,
                    const std::vector<std::string>& errors, int code);

}  // namespace ronda::agent
