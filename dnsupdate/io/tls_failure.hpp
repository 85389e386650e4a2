// From a TLS handshake that failed to one sentence that names the cause and the cure.
#pragma once

#include <string>

#include "net/fault.hpp"

namespace ronda::dnsupdate {

std::string diagnose_tls(const std::string& server, const std::string& name,
                         const net::Fault& fault);

}  // namespace ronda::dnsupdate
