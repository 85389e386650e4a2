// Whether an HTTP reply is a healthy one. Pure: an engine yields the reply, this decides.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "probes/check.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

struct HttpReply {
  std::string version{};  // "1.1", "2"
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  // of the final answer, in order
  std::string body{};
  bool cut = false;  // the body went on past read_limit
};

// Version, status, headers, body: the first that does not hold is the detail. A status in
// drain_status decides alone.
ProbeResult judge_http(const CheckSpec& check, const HttpReply& reply);
// Status and headers alone, for a reply whose body never came whole.
ProbeResult judge_http_head(const CheckSpec& check, const HttpReply& reply);

}  // namespace ronda::probes
