// The HMAC algorithms of TSIG (RFC 8945 6) and their computation by OpenSSL. Their names and
// lengths are public through tsig.hpp; this header is for the files of this folder.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "dnsupdate/wire/tsig.hpp"

namespace ronda::dnsupdate {

// Empty where OpenSSL refuses the algorithm (MD5 in FIPS mode).
Bytes hmac(TsigAlgorithm algorithm, std::span<const std::byte> secret,
           std::span<const std::byte> data);

// "hmac-md5, hmac-sha1, ...", for messages.
std::string known_tsig_algorithms();

}  // namespace ronda::dnsupdate
