#include "probes/octet_reader.hpp"

#include <ranges>

namespace ronda::probes {

std::uint32_t OctetReader::big(std::size_t octets) {
  std::uint32_t number = 0;
  for (const char octet : take(octets)) {
    number = (number << 8U) | static_cast<unsigned char>(octet);
  }
  return number;
}

std::uint32_t OctetReader::little(std::size_t octets) {
  std::uint32_t number = 0;
  for (const char octet : take(octets) | std::views::reverse) {
    number = (number << 8U) | static_cast<unsigned char>(octet);
  }
  return number;
}

std::string_view OctetReader::take(std::size_t size) {
  if (!good_ || size > rest_.size()) {
    good_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::string_view OctetReader::until_nul() {
  const auto end = rest_.find('\0');
  const std::string_view text = take(end == std::string_view::npos ? rest_.size() + 1 : end);
  take(1);
  return text;
}

}  // namespace ronda::probes
