#include "agent/ops/doctor_json.hpp"

#include <nlohmann/json.hpp>

namespace ronda::agent {

std::string to_json(const std::vector<DoctorFinding>& findings,
                    const std::vector<std::string>& errors, int code) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const DoctorFinding& finding : findings) {
    list.push_back({{"grade", to_string(finding.grade)},
                    {"topic", finding.topic},
                    {"subject", finding.subject},
                    {"text", finding.text},
                    {"mend", finding.mend}});
  }
  const Json json = {
      {"schema", 1}, {"exit", code}, {"findings", std::move(list)}, {"errors", errors}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ronda::agent
