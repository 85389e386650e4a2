// Whom a report from outside is for: the replicas it names, exactly or with wildcards, and their
// passive checks that are told and read no file. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/run/probe_table.hpp"

namespace ronda::agent {

struct ReportTarget {
  std::string service{};
  std::string replica{};
  std::vector<std::size_t> probes{};
  friend bool operator==(const ReportTarget&, const ReportTarget&) = default;
};

// `name` is SERVICE/REPLICA. The error is a sentence: nobody of that name, or nobody who listens.
std::expected<std::vector<ReportTarget>, std::string> report_targets(const Config& config,
                                                                     const ProbeTable& probes,
                                                                     const std::string& name);

}  // namespace ronda::agent
