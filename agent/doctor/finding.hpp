// One thing that `ronda doctor` has to say, and its text and exit code forms. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ronda::agent {

// `skip`: could not be told, and is no fault. `lost`: there is nobody to ask.
enum class Grade : std::uint8_t { ok, skip, warn, lost, bad };
const char* to_string(Grade grade);

struct DoctorFinding {
  Grade grade = Grade::ok;
  std::string topic{};    // "key", "clock", "policy": a word scripts may rely on
  std::string subject{};  // "example.com", "www.example.com A"
  std::string text{};     // what, and its cause
  std::string mend{};     // the command or the line of a config that mends it; empty when well
  friend bool operator==(const DoctorFinding&, const DoctorFinding&) = default;
};

// One line a finding.
std::string to_text(const std::vector<DoctorFinding>& findings, bool color);
// Nagios's: 0, 1 with a warning, 3 when there was nobody to ask, 2 with something bad.
int exit_code(const std::vector<DoctorFinding>& findings);

}  // namespace ronda::agent
