// Short forms for the values that the tests of this folder are about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/decide/policy.hpp"
#include "net/address.hpp"
#include "net/time.hpp"

namespace ronda::agent::test {

net::SteadyTime at(double seconds);
net::IpAddress ip(std::string_view text);
// "192.0.2.1 2001:db8::1" as addresses.
std::vector<net::IpAddress> ips(std::string_view text);
std::string text(const std::vector<net::IpAddress>& addresses);
// "192.0.2.1 192.0.2.9/2": one member for each address, in tier 1 or the one after the slash.
ServiceConfig service_of(std::string_view members);
// One view for each letter: U up, D down, u and d the same but not judged; H hot, S stale, R
// refused and X drained, all of them up. Sick ones are sick since their position in seconds: the
// later in the text, the longer it was healthy.
std::vector<MemberView> views_of(std::string_view letters);

}  // namespace ronda::agent::test
