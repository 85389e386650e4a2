#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "probes/json_number.hpp"
#include "probes/octets.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

// "example.com:8080", "[2001:db8::1]:80" -> where the port begins, or npos.
std::size_t port_mark(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool none =
      colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon);
  return none ? std::string_view::npos : colon;
}

std::string_view without_brackets(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

SetOutcome set_agent_send(CheckSpec& check, const std::string& text) {
  auto octets = parse_escapes(text);
  if (!octets) {
    return std::unexpected(octets.error());
  }
  std::get<AgentCheck>(check.protocol).send = std::move(*octets);
  return {};
}

SetOutcome set_pointer(CheckSpec& check, const std::string& text) {
  if (text.empty()) {
    return std::unexpected(
        "is empty and leads to the whole body; leave it out for a body that is a "
        "number");
  }
  if (!is_json_pointer(text)) {
    return std::unexpected(in_quotes(text) +
                           " is no JSON pointer; write it as in \"/system/load\"");
  }
  std::get<HttpCheck>(check.protocol).reading.pointer = text;
  return {};
}

// The host of a URL is a name to ask by: the question goes to the replica's own address.
SetOutcome set_number_url(CheckSpec& check, const std::string& text) {
  std::string_view rest = text;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!rest.starts_with(scheme)) {
      continue;
    }
    check.tls = scheme == "https://" ? TlsMode::implicit : TlsMode::off;
    rest.remove_prefix(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    if (authority.find('@') !=
        std::string_view::npos) {  // and what stands before it is quoted nowhere
      return std::unexpected(
          "names a user; write user and password into a file and that into \"basic_auth_file\"");
    }
    const auto mark = port_mark(authority);
    const std::string_view host = without_brackets(authority.substr(0, mark));
    if (!is_name(host) && !net::IpAddress::parse(host)) {
      return std::unexpected(in_quotes(text) + " names no host to ask by");
    }
    check.server_name = host;
    auto& http = std::get<HttpCheck>(check.protocol);
    http.host = authority;
    if (mark == std::string_view::npos) {
      http.reading.port = check.tls == TlsMode::implicit ? 443 : 80;
    } else {
      const std::string_view digits = authority.substr(mark + 1);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), http.reading.port);
      if (error != std::errc() || end != digits.data() + digits.size() || http.reading.port == 0) {
        return std::unexpected(in_quotes(text) + " has a port that is none");
      }
    }
    return set_path(check, rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest));
  }
  if (!text.starts_with('/')) {
    return std::unexpected(in_quotes(text) +
                           " is neither a path such as \"/load\" nor an http or https URL");
  }
  return set_path(check, text);
}

}  // namespace ronda::probes
