#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "probes/agent_line.hpp"
#include "probes/exposition.hpp"
#include "probes/json_number.hpp"
#include "probes/protocols.hpp"
#include "probes/stamp.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {
namespace {

void require(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check_number(const std::expected<double, std::string>& number) {
  require(number ? std::isfinite(*number) : !number.error().empty());
}

void check_host(std::string_view text) {
  const auto reading = probes::read_host_report(text);
  if (!reading) {
    require(!reading.error().empty());
    return;
  }
  for (const probes::Measure& measure : reading->measures) {
    require(!measure.name.empty() && measure.value >= 0 && !std::isnan(measure.value));
    const bool share = measure.name == "memory_used" || measure.name == "disk_used";
    require(!share || measure.value <= 1);
  }
}

// Whole or octet by octet, the same line is heard, within its limit.
void check_agent(std::string_view text) {
  const auto heard = [&](std::size_t step) {
    const auto dialogue = probes::agent_dialogue({.protocol = probes::AgentCheck{}});
    dialogue->on(probes::Opened{});
    for (std::size_t at = 0; at < text.size(); at += step) {
      for (const auto& action : dialogue->on(probes::Heard{text.substr(at, step)})) {
        if (const auto* finish = std::get_if<probes::Finish>(&action)) {
          require(finish->result.detail.size() <= 200);
          return finish->result;
        }
      }
    }
    require(text.size() < 4096 && text.find_first_of("\r\n") == std::string_view::npos);
    return probes::ProbeResult{};
  };
  const probes::ProbeResult whole = heard(std::max<std::size_t>(text.size(), 1));
  const probes::ProbeResult pieces = heard(1);
  require(whole.verdict == pieces.verdict && whole.reading == pieces.reading);
  require(whole.reading.word ==
          (whole.verdict == probes::Verdict::pass
               ? probes::parse_agent_line(text.substr(0, text.find_first_of("\r\n"))).word
               : std::nullopt));
}

}  // namespace

// What a report may hold: refused with a sentence, or numbers that can be compared.
void report(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  check_host(text);
  check_agent(text);
  check_number(probes::parse_plain_number(text));
  check_number(probes::parse_mdtm(text));
  for (const auto format : {probes::StampFormat::unix_seconds, probes::StampFormat::rfc3339,
                            probes::StampFormat::http, probes::StampFormat::integer}) {
    check_number(probes::parse_stamp(text, format));
  }
  // Its first line as the pointer into the rest.
  const std::size_t line = std::min(text.find('\n'), text.size());
  if (probes::is_json_pointer(text.substr(0, line))) {
    check_number(probes::find_json_number(text.substr(line), text.substr(0, line)));
  }
}

}  // namespace ronda::fuzz
