#include "agent/config/server_name.hpp"

#include <algorithm>
#include <variant>

#include "net/address.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::agent {

bool says_server_name(const probes::CheckSpec& spec) {
  const auto* http = std::get_if<probes::HttpCheck>(&spec.protocol);
  const auto* dns = std::get_if<probes::DnsCheck>(&spec.protocol);
  const auto* tcp = std::get_if<probes::TcpCheck>(&spec.protocol);
  return spec.tls != probes::TlsMode::off || spec.kind == "sip" ||
         (http != nullptr && http->host.empty()) ||
         (dns != nullptr && dns->transport == probes::DnsTransport::tls) ||
         (tcp != nullptr && std::ranges::count(tcp->steps, probes::TcpStepKind::starttls,
                                               &probes::TcpStep::kind) > 0);
}

std::string host_name_of(const ServiceConfig& service) {
  std::string name = service.name.to_string();
  const bool is_host = probes::is_name(name) && !net::IpAddress::parse(name) &&
                       (name.find('.', 1) != std::string::npos || name == "localhost");
  return !service.probes_only || is_host ? name : "";
}

}  // namespace ronda::agent
