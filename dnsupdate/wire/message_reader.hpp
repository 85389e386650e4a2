// Reads a DNS message and says where its last record begins, which only TSIG needs to know: its
// digest covers the octets before that record as they came (RFC 8945 4.3.1). Others use
// read_message().
#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

struct PlacedMessage {
  Message message{};
  std::size_t last_record = 0;  // offset; the end of the message where it has no records
};

std::expected<PlacedMessage, WireError> read_placed_message(std::span<const std::byte> octets);

}  // namespace ronda::dnsupdate
