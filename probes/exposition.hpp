// What node_exporter tells of a host, out of the text format of Prometheus: load, memory, disks and
// network. Hostile until read: a line about these metrics that is not well-formed refuses the whole
// report. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "probes/reading.hpp"

namespace ronda::probes {

// The measures that were found: load_per_core, memory_used and disk_used (of the fullest disk) as
// values, network as one counter of bytes received and sent for each device. Disks are what has a
// place of its own to fill: no file systems in memory, layered, read-only or of another host.
// The error says what is wrong with which line.
std::expected<Reading, std::string> read_host_report(std::string_view text);

}  // namespace ronda::probes
