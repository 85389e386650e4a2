#include "agent/config/dns_aim.hpp"

#include "dnsupdate/wire/name.hpp"

namespace ronda::agent {
namespace {

// The zone a serial is compared in: the service's own where it is the one asked for, since of two
// views of a zone only that is meant.
const ZoneConfig* zone_of(const probes::DnsCheck& check, std::optional<std::size_t> own,
                          std::span<const ReadZone> zones) {
  const ZoneConfig* service_zone = own && *own < zones.size() ? &zones[*own].config : nullptr;
  const auto name = dnsupdate::Name::parse(check.name);
  if (check.name.empty() || (service_zone != nullptr && name && service_zone->zone == *name)) {
    return service_zone;
  }
  for (const ReadZone& zone : zones) {
    if (zone.named && name && zone.config.zone == *name) {
      return &zone.config;
    }
  }
  return nullptr;
}

// Its first primary that is written as an address; the others are ways to the same zone.
std::optional<net::Endpoint> written_primary(const ZoneConfig& zone) {
  for (const net::HostPort& primary : zone.primaries) {
    if (const auto address = net::IpAddress::parse(primary.host)) {
      return net::Endpoint{*address, primary.port.value_or(53)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string why_not_asked(const probes::DnsCheck& check, std::optional<std::size_t> own,
                          std::span<const ReadZone> zones) {
  if (check.name.empty() && !own) {
    return "asks for no zone; give it a \"name\"";
  }
  if (!check.serial_lag) {
    return "";
  }
  const ZoneConfig* zone = zone_of(check, own, zones);
  if (zone == nullptr) {
    return "has a serial_lag, but its name \"" + check.name +
           "\" is none of the \"zones\"; only their primaries are known";
  }
  if (!written_primary(*zone)) {
    return "has a serial_lag: write the \"primary\" of zone \"" + zone->id + "\" as an address";
  }
  if (zone->transport == dnsupdate::Transport::tls) {
    return "has a serial_lag, but the primary of zone \"" + zone->id +
           "\" is reached over TLS, where serials are not compared yet; leave serial_lag out";
  }
  return "";
}

void aim_dns(probes::DnsCheck& check, std::optional<std::size_t> own,
             std::span<const ReadZone> zones) {
  const ZoneConfig* zone = zone_of(check, own, zones);
  if (check.serial_lag && zone != nullptr) {
    if (const auto primary = written_primary(*zone)) {
      check.reference = {.endpoint = *primary,
                         .transport = zone->transport == dnsupdate::Transport::tcp
                                          ? probes::DnsTransport::tcp
                                          : probes::DnsTransport::udp,
                         .source = zone->source};
    }
  }
  if (check.name.empty() && zone != nullptr) {
    check.name = zone->zone.to_string();
  }
}

}  // namespace ronda::agent
