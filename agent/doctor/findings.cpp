#include "agent/doctor/findings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "agent/doctor/zone_findings.hpp"

namespace ronda::agent {

std::vector<DoctorFinding> find_faults(const ZoneFacts& facts) {
  std::vector<DoctorFinding> all;
  const auto append = [&all](std::vector<DoctorFinding> more) {
    std::ranges::move(more, std::back_inserter(all));
  };
  for (const auto part : {find_key_faults, find_role_faults, find_server_faults}) {
    ZoneFindings found = part(facts);
    append(std::move(found.list));
    if (!found.go_on) {
      return all;
    }
  }
  for (const RecordFacts& record : facts.records) {
    append(find_record_faults(facts, record));
  }
  return all;
}

std::optional<std::string> version_fault(std::string_view version) {
  struct Fixed {
    int minor;
    int first_good;
    const char* what;
  };
  constexpr std::array kFixed{
      Fixed{16, 37, "runs out of memory in a flood of updates (CVE-2022-3094); 9.16.37 does not"},
      Fixed{18, 11, "runs out of memory in a flood of updates (CVE-2022-3094); 9.18.11 does not"},
      Fixed{21, 24,
            "may crash on quick updates of inline-signing zones and when update-policy is "
            "reconfigured (ISC GL#5816, GL#5817); 9.21.24 does not"},
  };
  std::array<int, 3> numbers{-1, -1, -1};
  const char* place = version.data();
  const char* const end = place + version.size();
  for (int& number : numbers) {
    const auto read = std::from_chars(place, end, number);
    if (read.ec != std::errc()) {
      return std::nullopt;
    }
    place = read.ptr != end && *read.ptr == '.' ? read.ptr + 1 : read.ptr;
  }
  if (numbers[0] != 9) {
    return std::nullopt;
  }
  for (const Fixed& fixed : kFixed) {
    if (numbers[1] == fixed.minor && numbers[2] < fixed.first_good) {
      return fixed.what;
    }
  }
  if (numbers[1] < 16) {
    return "is no longer mended by its makers";
  }
  return std::nullopt;
}

}  // namespace ronda::agent
