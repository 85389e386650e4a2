// What a MySQL or MariaDB says of itself when it is called, and what answers its question for a
// password: never the password, but what only one can make who knows it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ronda::probes {

// Protocol::HandshakeV10 of the server's documentation.
struct MysqlGreeting {
  std::string server{};  // "MariaDB 10.11.4", for people
  std::uint32_t capabilities = 0;
  std::string salt{};    // 20 octets
  std::string plugin{};  // how it likes to be answered
};
std::optional<MysqlGreeting> read_mysql_greeting(std::string_view packet);

constexpr const char* kNativePassword = "mysql_native_password";
constexpr const char* kCachingSha2 = "caching_sha2_password";
bool speaks_mysql_plugin(std::string_view plugin);
// For a plugin that is spoken. Empty for an empty password, and where OpenSSL refuses the hash.
std::string mysql_answer(std::string_view plugin, std::string_view password, std::string_view salt);

}  // namespace ronda::probes
