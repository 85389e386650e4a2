#include "dnsupdate/wire/serial.hpp"

#include <algorithm>

#include "dnsupdate/wire/rdata_layout.hpp"

namespace ronda::dnsupdate {

std::optional<std::uint32_t> soa_serial(std::string_view rdata) {
  constexpr std::size_t kSerial = 2;  // behind the primary's name and the mailbox
  const auto fields = cut_rdata(RrType::SOA, rdata);
  if (!fields) {
    return std::nullopt;
  }
  std::uint32_t serial = 0;
  for (const char octet : (*fields)[kSerial].octets) {
    serial = (serial << 8U) | static_cast<unsigned char>(octet);
  }
  return serial;
}

std::optional<std::uint32_t> serial_of(const Message& reply, const Name& zone) {
  if (reply.rcode() != Rcode::NOERROR || !reply.header.aa || reply.header.tc) {
    return std::nullopt;
  }
  const auto soa = std::ranges::find_if(reply.answer, [&](const ResourceRecord& record) {
    return record.type == RrType::SOA && record.rr_class == RrClass::IN && record.owner == zone;
  });
  return soa == reply.answer.end() ? std::nullopt : soa_serial(soa->rdata);
}

std::int32_t behind(std::uint32_t serial, std::uint32_t other) {
  return static_cast<std::int32_t>(other - serial);
}

}  // namespace ronda::dnsupdate
