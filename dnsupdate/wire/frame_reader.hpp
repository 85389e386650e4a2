// DNS messages out of a byte stream: each is preceded by its length in two octets (RFC 1035 4.2.2).
// Bounded: it never holds more than one incomplete message beside what was just received.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "dnsupdate/wire/message.hpp"

namespace ronda::dnsupdate {

class FrameReader {
 public:
  void append(std::span<const std::byte> octets);
  // The next whole message, in order.
  std::optional<Bytes> next();

 private:
  Bytes buffer_{};
  std::size_t consumed_ = 0;
};

// The message with its length in front, to be written at once; it fits by construction.
Bytes frame(const Bytes& message);

}  // namespace ronda::dnsupdate
