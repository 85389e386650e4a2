#include <cstdlib>

#include "dnsupdate/wire/tsig.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {

// Nobody without the key makes a reply that verifies.
void tsig_verify(std::span<const std::byte> input) {
  // The request's MAC depends on the input, so that not even a recorded reply is a valid one.
  std::uint64_t hash = 14695981039346656037u;
  for (const std::byte octet : input) {
    hash = (hash ^ std::to_integer<std::uint64_t>(octet)) * 1099511628211u;
  }
  dnsupdate::Bytes request_mac(32, std::byte{0x5a});
  for (std::size_t i = 0; i < sizeof hash; ++i) {
    request_mac[i] = static_cast<std::byte>(hash >> (8 * i) & 0xff);
  }
  const dnsupdate::TsigKey key{dnsupdate::Name::parse("ronda-key").value(),
                               dnsupdate::TsigAlgorithm::hmac_sha256,
                               net::Secret(dnsupdate::Bytes(32, std::byte{0x31}))};
  const net::WallTime now{std::chrono::seconds(1795486380)};
  if (dnsupdate::tsig_verify(input, key, request_mac, now)) {
    std::abort();
  }
}

}  // namespace ronda::fuzz
