#include "net/address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/support/catch.hpp"

using namespace ronda::net;

TEST_CASE("addresses are read and written in their canonical form") {
  struct Row {
    const char* text;
    const char* canonical;
  };
  const auto row = GENERATE(Row{"192.0.2.1", "192.0.2.1"}, Row{"0.0.0.0", "0.0.0.0"},
                            Row{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"}, Row{"::", "::"},
                            Row{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                            Row{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
                            Row{"::ffff:192.0.2.1", "::ffff:192.0.2.1"});
  const auto address = IpAddress::parse(row.text);
  REQUIRE(address);
  CHECK(address->to_string() == row.canonical);
  CHECK(address->is_v4() == (address->family() == Family::v4));
  CHECK(IpAddress::parse(row.canonical) == address);
}

TEST_CASE("what is not an address is none") {
  const auto text =
      GENERATE("", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1 ", " 192.0.2.1", "::g",
               "[::1]", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9", "localhost", "0x7f.1");
  CHECK_FALSE(IpAddress::parse(text));
  CHECK_FALSE(IpAddress::parse(std::string_view("192.0.2.1\0", 10)));
  CHECK_FALSE(IpAddress::parse(std::string(1000, '1')));
}

TEST_CASE("v4 sorts before v6, and the mapped address is another one") {
  CHECK(*IpAddress::parse("255.255.255.255") < *IpAddress::parse("::"));
  CHECK(*IpAddress::parse("9.0.0.0") < *IpAddress::parse("10.0.0.0"));
  CHECK(*IpAddress::parse("192.0.2.1") != *IpAddress::parse("::ffff:192.0.2.1"));
}

TEST_CASE("host and port") {
  using Port = std::optional<std::uint16_t>;
  struct Row {
    const char* text;
    const char* host;
    Port port;
  };
  const auto row =
      GENERATE(Row{"127.0.0.1:53", "127.0.0.1", 53}, Row{"127.0.0.1", "127.0.0.1", {}},
               Row{"ns1.example.com", "ns1.example.com", {}},
               Row{"ns1.example.com.:65535", "ns1.example.com.", 65535},
               Row{"[2001:db8::1]:53", "2001:db8::1", 53}, Row{"[2001:db8::1]", "2001:db8::1", {}},
               Row{"2001:db8::1", "2001:db8::1", {}}, Row{"_a-b.example:1", "_a-b.example", 1});
  const auto parsed = parse_host_port(row.text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->host == row.host);
  CHECK(parsed->port == row.port);
}

TEST_CASE("what is no host and port is refused with the cause") {
  struct Row {
    const char* text;
    const char* cause;
  };
  const auto row = GENERATE(
      Row{"", "no host"}, Row{":53", "no host"}, Row{"host:", "port"}, Row{"host:0", "1 to 65535"},
      Row{"host:65536", "1 to 65535"}, Row{"host:5x", "1 to 65535"}, Row{"host:+5", "1 to 65535"},
      Row{"192.0.2.300", "not an IPv4"}, Row{"192.0.2.1.", "not an IPv4"},
      Row{"[192.0.2.1]:53", "no IPv6"}, Row{"[::1", "no IPv6"}, Row{"[::1]53", ":port"},
      Row{"2001:db8::1:g", "with a port write"}, Row{"a..b", "neither"}, Row{"a b", "neither"},
      Row{"http://host", "1 to 65535"}, Row{"host/path", "neither"}, Row{".", "no host"});
  const auto parsed = parse_host_port(row.text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK_THAT(parsed.error(), ContainsSubstring(row.cause));
}

TEST_CASE("the kernel's form and back") {
  const auto text = GENERATE("192.0.2.1", "2001:db8::1");
  const Endpoint endpoint{*IpAddress::parse(text), 5353};
  const SocketAddress address = to_socket_address(endpoint);
  CHECK(from_socket_address(address.get(), address.length) == endpoint);
  CHECK_FALSE(from_socket_address(address.get(), address.length - 1));
  CHECK_FALSE(from_socket_address(nullptr, 0));
  CHECK((Endpoint{*IpAddress::parse("2001:db8::1"), 53}.to_string()) == "[2001:db8::1]:53");
  CHECK((Endpoint{*IpAddress::parse("192.0.2.1"), 53}.to_string()) == "192.0.2.1:53");
}
