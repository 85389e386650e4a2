// One question put with dig (Debian package bind9-dnsutils), as an onlooker who is not the library
// under test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ronda::test {

// The answer of `dig +short +norecurse`, sorted; empty when there is none. Throws when no answer
// comes.
std::vector<std::string> dig(const std::string& address, std::uint16_t port,
                             const std::string& name, const std::string& type);

}  // namespace ronda::test
