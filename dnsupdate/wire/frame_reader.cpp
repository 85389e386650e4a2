#include "dnsupdate/wire/frame_reader.hpp"

#include <cassert>

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kPrefix = 2;

}  // namespace

void FrameReader::append(std::span<const std::byte> octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
  consumed_ = 0;
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

std::optional<Bytes> FrameReader::next() {
  const std::span<const std::byte> rest = std::span<const std::byte>(buffer_).subspan(consumed_);
  if (rest.size() < kPrefix) {
    return std::nullopt;
  }
  const std::size_t length =
      (std::to_integer<std::size_t>(rest[0]) << 8U) | std::to_integer<std::size_t>(rest[1]);
  if (rest.size() < kPrefix + length) {
    return std::nullopt;
  }
  consumed_ += kPrefix + length;
  const auto message = rest.subspan(kPrefix, length);
  return Bytes(message.begin(), message.end());
}

Bytes frame(const Bytes& message) {
  assert(message.size() <= 0xffff);
  Bytes framed;
  framed.reserve(message.size() + kPrefix);
  framed.push_back(static_cast<std::byte>(message.size() >> 8U));
  framed.push_back(static_cast<std::byte>(message.size() & 0xffU));
  framed.insert(framed.end(), message.begin(), message.end());
  return framed;
}

}  // namespace ronda::dnsupdate
