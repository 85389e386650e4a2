#include "probes/setters.hpp"

namespace ronda::probes {

SetOutcome set_expires(CheckSpec& check, const net::Duration& duration) {
  if (duration < std::chrono::seconds(1)) {
    return std::unexpected("must be at least 1s: until then a word counts");
  }
  std::get<PassiveCheck>(check.protocol).expires = duration;
  return {};
}

}  // namespace ronda::probes
