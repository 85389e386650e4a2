#include "net/address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ronda::net {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, 80)) + "\"";
}

// Empty when `host` may be looked up, else what is wrong with it.
std::string problem_of_name(std::string_view host) {
  std::string_view rest = host;
  if (rest.ends_with('.')) {
    rest.remove_suffix(1);
  }
  if (rest.empty()) {
    return "no host in " + quoted(host);
  }
  if (rest.size() > 253) {
    return quoted(host) + " is longer than the 253 characters of a host name";
  }
  std::string_view label;
  while (true) {
    const std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > 63 || !std::ranges::all_of(label, is_host_character)) {
      return quoted(host) + " is neither an address nor a host name";
    }
    if (dot == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  // A name never ends in a number (RFC 3696 section 2): this is an address with a slip in it.
  if (std::ranges::all_of(label, is_digit)) {
    return quoted(host) + " is not an IPv4 address";
  }
  return {};
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port == 0 ||
      port > 65535) {
    return std::unexpected("port " + quoted(text) + " is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.empty() || text.size() >= copy.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::ranges::copy(text, copy.begin());
  IpAddress address;
  if (text.find(':') != std::string_view::npos) {
    address.family_ = Family::v6;
  }
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  if (::inet_pton(family, copy.data(), address.octets_.data()) != 1) {
    return std::nullopt;
  }
  return address;
}

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

IpAddress IpAddress::from_v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  address.family_ = Family::v6;
  address.octets_ = octets;
  return address;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text.data(),
              static_cast<socklen_t>(text.size()));
  return text.data();
}

std::string Endpoint::to_string() const {
  const std::string address = ip.to_string();
  return (ip.is_v4() ? address : "[" + address + "]") + ":" + std::to_string(port);
}

std::expected<HostPort, std::string> parse_host_port(std::string_view text) {
  HostPort result;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    const std::string_view inside =
        close == std::string_view::npos ? std::string_view{} : text.substr(1, close - 1);
    const auto address = IpAddress::parse(inside);
    if (!address || address->is_v4()) {
      return std::unexpected(quoted(text) + " has no IPv6 address between [ and ]");
    }
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return std::unexpected(quoted(text) + " has something other than \":port\" after the ]");
    }
    result.host = inside;
    if (!rest.empty()) {
      port = rest.substr(1);
    }
  } else if (std::ranges::count(text, ':') > 1) {
    if (!IpAddress::parse(text)) {
      return std::unexpected(quoted(text) +
                             " is not an IPv6 address; with a port write [2001:db8::1]:53");
    }
    result.host = text;
  } else {
    const std::size_t colon = text.find(':');
    const std::string_view host = text.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = text.substr(colon + 1);
    }
    if (!IpAddress::parse(host)) {
      if (std::string problem = problem_of_name(host); !problem.empty()) {
        return std::unexpected(std::move(problem));
      }
    }
    result.host = host;
  }
  if (port) {
    const auto number = parse_port(*port);
    if (!number) {
      return std::unexpected(number.error());
    }
    result.port = *number;
  }
  return result;
}

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress result;
  if (endpoint.ip.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    std::memcpy(&address.sin_addr, endpoint.ip.octets().data(), 4);
    std::memcpy(result.storage.data(), &address, sizeof(address));
    result.length = sizeof(address);
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.ip.octets().data(), 16);
    std::memcpy(result.storage.data(), &address, sizeof(address));
    result.length = sizeof(address);
  }
  return result;
}

std::optional<Endpoint> from_socket_address(const ::sockaddr* address, unsigned length) {
  if (address == nullptr || length < sizeof(sa_family_t)) {
    return std::nullopt;
  }
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return Endpoint{IpAddress::from_v4(octets), ntohs(v4.sin_port)};
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof(v6));
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return Endpoint{IpAddress::from_v6(octets), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

}  // namespace ronda::net
