#include "net/name_servers.hpp"

#include <fstream>
#include <sstream>

namespace ronda::net {

namespace {

constexpr std::size_t kMost = 3;
constexpr std::uint16_t kPort = 53;

}  // namespace

std::vector<Endpoint> parse_name_servers(std::string_view resolv_conf) {
  std::vector<Endpoint> servers;
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; servers.size() < kMost && std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    std::string address;
    words >> keyword >> address;
    const auto ip = keyword == "nameserver" ? IpAddress::parse(address) : std::nullopt;
    if (ip) {
      servers.push_back({*ip, kPort});
    }
  }
  if (servers.empty()) {
    servers.push_back({IpAddress::from_v4({127, 0, 0, 1}), kPort});
  }
  return servers;
}

std::vector<Endpoint> system_name_servers(const std::string& file) {
  std::ifstream in(file);
  std::string text(std::size_t{64} * 1024, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_name_servers(text);
}

}  // namespace ronda::net
