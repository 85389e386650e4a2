#include "probes/lag.hpp"

#include <algorithm>

#include "probes/dialogue.hpp"

namespace ronda::probes {

std::optional<ProbeResult> excuse_timeout(net::Duration lag, net::Duration timeout) {
  static constexpr net::Duration kTolerated = std::chrono::milliseconds(250);
  if (lag <= std::max(kTolerated, timeout / 4)) {
    return std::nullopt;
  }
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(lag);
  return make_unknown("no answer in time, but our own loop was late by " +
                      net::format_duration(whole));
}

}  // namespace ronda::probes
