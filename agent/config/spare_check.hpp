// Shared checks that no service uses yet, aimed for a trial: `ronda probe` asks with one before
// anybody depends on it.
#pragma once

#include <expected>
#include <string>

#include "agent/config/config.hpp"
#include "net/address.hpp"

namespace ronda::agent {

// For whom the trial is; without a service it is for nobody.
struct Trial {
  const ServiceConfig* service = nullptr;
  const Member* member = nullptr;  // of that service, where the address is one of its own
  net::IpAddress address{};
};

// As the check would be if that service used it. The error is a sentence: what it lacks.
std::expected<MemberCheck, std::string> aim_spare(const Config& config, const MemberCheck& spare,
                                                  const Trial& trial);

}  // namespace ronda::agent
