#include "probes/mysql_login.hpp"

#include <algorithm>

#include "net/digest.hpp"
#include "probes/octet_reader.hpp"
#include "probes/result.hpp"

namespace ronda::probes {

namespace {

constexpr std::uint32_t kSecureConnection = 0x8000;
constexpr std::uint32_t kPluginAuth = 0x8'0000;
constexpr std::size_t kSaltSize = 20;

// MariaDB puts 5.5.5- before its version, for clients that could not read a 10.
std::string describe_server(std::string_view version) {
  constexpr std::string_view kDisguise = "5.5.5-";
  if (version.find("MariaDB") == std::string_view::npos) {
    return "MySQL " + printable(version, 40);
  }
  if (version.starts_with(kDisguise)) {
    version.remove_prefix(kDisguise.size());
  }
  return "MariaDB " + printable(version.substr(0, version.find('-')), 40);
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t at = 0; at < a.size() && at < b.size(); ++at) {
    a[at] = static_cast<char>(a[at] ^ b[at]);
  }
  return a;
}

}  // namespace

std::optional<MysqlGreeting> read_mysql_greeting(std::string_view packet) {
  MysqlGreeting greeting;
  OctetReader reader(packet);
  if (reader.little(1) != 10) {
    return std::nullopt;
  }
  greeting.server = describe_server(reader.until_nul());
  reader.take(4);  // the connection's number
  greeting.salt = reader.take(8);
  reader.take(1);
  greeting.capabilities = reader.little(2);
  reader.take(3);  // character set, status
  greeting.capabilities |= reader.little(2) << 16U;
  const std::uint32_t length = reader.little(1);
  reader.take(10);
  if ((greeting.capabilities & kSecureConnection) != 0) {
    greeting.salt += reader.take(std::max<std::size_t>(13, length < 8 ? 0 : length - 8));
    greeting.salt.resize(std::min(greeting.salt.size(), kSaltSize));
  }
  if (!reader.good()) {
    return std::nullopt;
  }
  if ((greeting.capabilities & kPluginAuth) != 0) {
    // Some versions leave its end out.
    const std::string_view name = reader.rest();
    greeting.plugin = name.substr(0, name.find('\0'));
  }
  return greeting;
}

bool speaks_mysql_plugin(std::string_view plugin) {
  return plugin == kNativePassword || plugin == kCachingSha2;
}

std::string mysql_answer(std::string_view plugin, std::string_view password,
                         std::string_view salt) {
  if (password.empty()) {
    return {};
  }
  if (plugin == kCachingSha2) {
    const std::string hash = net::sha256(password);
    return exclusive_or(hash, net::sha256(net::sha256(hash) + std::string(salt)));
  }
  const std::string hash = net::sha1(password);
  return exclusive_or(hash, net::sha1(std::string(salt) + net::sha1(hash)));
}

}  // namespace ronda::probes
