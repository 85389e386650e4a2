// Reads octets that a peer sent, from the front. Whatever reaches past the end yields nothing and
// makes the reader bad for good, so that a message is read in one go and judged once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ronda::probes {

class OctetReader {
 public:
  explicit OctetReader(std::string_view octets) : rest_(octets) {}

  // Numbers of one to four octets, in network order or the lowest first.
  std::uint32_t big(std::size_t octets);
  std::uint32_t little(std::size_t octets);
  std::string_view take(std::size_t size);
  std::string_view until_nul();  // which is read too
  std::string_view rest() { return take(rest_.size()); }

  std::size_t left() const { return rest_.size(); }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace ronda::probes
