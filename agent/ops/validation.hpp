// What `ronda validate` reports: every problem, or one line per service with the longest time a
// dead replica stays in the DNS. Pure; reading the config is the reader's work.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/config/reader.hpp"

namespace ronda::agent {

// From the moment a replica dies, just after a passed probe began, to the decision to remove it:
// interval + timeout + (fall - 1) * (fast_interval + timeout), of the slowest check. The update
// itself and what resolvers cache (the TTL) come on top. Nothing where no check that asks can take
// a replica out: of passive checks only whoever reports knows.
std::optional<net::Duration> failover_bound(const ServiceConfig& service);

std::string validation_text(const Config& config);
std::string validation_json(const std::filesystem::path& file, const ConfigResult& result);

}  // namespace ronda::agent
