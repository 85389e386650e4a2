// A DNS message as dig and nsupdate print it: header line, flags, sections, TSIG. For people and
// for scripts that look for ";; ->>HEADER<<- opcode: UPDATE, status: NOERROR".
#pragma once

#include <string>

#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

std::string message_text(const Message& message);

}  // namespace ronda::dnsupdate
