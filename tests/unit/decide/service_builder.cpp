#include "tests/unit/decide/service_builder.hpp"

#include <sstream>
#include <stdexcept>

namespace ronda::agent::test {

net::SteadyTime at(double seconds) {
  const auto since = std::chrono::duration<double>(1000.0 + seconds);
  return net::SteadyTime(std::chrono::round<net::Duration>(since));
}

net::IpAddress ip(std::string_view text) {
  const auto address = net::IpAddress::parse(text);
  if (!address) {
    throw std::invalid_argument("not an address: " + std::string(text));
  }
  return *address;
}

std::vector<net::IpAddress> ips(std::string_view text) {
  std::vector<net::IpAddress> addresses;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    addresses.push_back(ip(word));
  }
  return addresses;
}

std::string text(const std::vector<net::IpAddress>& addresses) {
  std::string joined;
  for (const net::IpAddress& address : addresses) {
    joined += (joined.empty() ? "" : " ") + address.to_string();
  }
  return joined;
}

ServiceConfig service_of(std::string_view members) {
  ServiceConfig service;
  service.id = "www.example.com";
  std::istringstream words{std::string(members)};
  for (std::string word; words >> word;) {
    const std::size_t slash = word.find('/');
    Member member;
    member.address = ip(word.substr(0, slash));
    member.replica = word.substr(0, slash);
    if (slash != std::string::npos) {
      member.tier = std::stoi(word.substr(slash + 1));
    }
    service.members.push_back(member);
  }
  return service;
}

std::vector<MemberView> views_of(std::string_view letters) {
  std::vector<MemberView> views;
  for (const char letter : letters) {
    const Withheld withheld = letter == 'H'   ? Withheld::hot
                              : letter == 'S' ? Withheld::stale
                              : letter == 'R' ? Withheld::refused
                              : letter == 'X' ? Withheld::drained
                                              : Withheld::none;
    const bool up = letter == 'U' || withheld != Withheld::none;
    views.push_back({.healthy = up || letter == 'u',
                     .solid = up || letter == 'D',
                     .since = at(static_cast<double>(views.size())),
                     .withheld = {.kind = withheld, .why = ""}});
  }
  return views;
}

}  // namespace ronda::agent::test
