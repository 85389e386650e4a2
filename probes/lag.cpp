#include "probes/lag.hpp"

#include <algorithm>

#include "probes/dialogue.hpp"

namespace ronda::probes {

namespace {

bool too_late(net::Duration lag, net::Duration timeout) {
  static constexpr net::Duration kTolerated = std::chrono::milliseconds(250);
  return lag > std::max(kTolerated, timeout / 4);
}

std::string late_by(net::Duration lag) {
  return "our own loop was late by " +
         net::format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(lag));
}

}  // namespace

std::optional<ProbeResult> excuse_timeout(net::Duration lag, net::Duration timeout) {
  if (!too_late(lag, timeout)) {
    return std::nullopt;
  }
  return make_unknown("no answer in time, but " + late_by(lag));
}

void excuse_lateness(ProbeResult& result, net::Duration lag, net::Duration timeout) {
  if (result.verdict == Verdict::unknown || !too_late(lag, timeout)) {
    return;
  }
  result.verdict = Verdict::unknown;
  result.code = Code::SOCKERR;
  result.detail = "not judged, for " + late_by(lag);
}

}  // namespace ronda::probes
