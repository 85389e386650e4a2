// What an HTTP answer is read for where it is a report: the metrics of a host, a number, a stamp of
// its data. Pure, as http_judge, which asks it once the answer is a good one.
#pragma once

#include "probes/check.hpp"
#include "probes/http_judge.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

// PASS with the reading, or FAIL with what was expected and what came. A body that was cut is no
// report: half a list of cores is another load.
ProbeResult read_http_report(const CheckSpec& check, const HttpReply& reply);

}  // namespace ronda::probes
