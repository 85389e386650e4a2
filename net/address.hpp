// IP addresses and endpoints as values. No name is ever looked up here: parsing accepts literals
// only.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace ronda::net {

enum class Family : std::uint8_t { v4, v6 };

class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress from_v4(std::array<std::uint8_t, 4> octets);
  static IpAddress from_v6(std::array<std::uint8_t, 16> octets);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::v4; }
  // 4 or 16 octets in network order; the rest of the array is zero.
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  std::string to_string() const;  // presentation form, v6 without brackets (RFC 5952)

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> octets_{};
};

struct Endpoint {
  IpAddress ip{};
  std::uint16_t port = 0;
  std::string to_string() const;  // "192.0.2.1:53", "[2001:db8::1]:53"
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// What stands in a config where an address or a host name may: "127.0.0.1:53", "ns1.example.com",
// "[2001:db8::1]:53". A bare v6 literal needs no brackets when it carries no port.
struct HostPort {
  std::string host{};
  std::optional<std::uint16_t> port{};
  friend bool operator==(const HostPort&, const HostPort&) = default;
};
std::expected<HostPort, std::string> parse_host_port(std::string_view text);

// The kernel's form. Storage must outlive the call it is used for.
struct SocketAddress {
  alignas(8) std::array<std::byte, 128> storage{};
  unsigned length = 0;
  const ::sockaddr* get() const { return reinterpret_cast<const ::sockaddr*>(storage.data()); }
};
SocketAddress to_socket_address(const Endpoint& endpoint);
std::optional<Endpoint> from_socket_address(const ::sockaddr* address, unsigned length);

}  // namespace ronda::net
