// The port in an FTP server's answer to PASV (RFC 959 4.1.2) or EPSV (RFC 2428 section 3). The
// address in it is left unread: only the server that was asked is ever connected to.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ronda::probes {

// Of "227 ... (h1,h2,h3,h4,p1,p2)" or "229 ... (|||port|)", there with any delimiter.
std::optional<std::uint16_t> passive_port(std::string_view reply);

}  // namespace ronda::probes
