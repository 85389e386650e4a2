// Where the real servers of these tests listen: loopback addresses of this process alone.
#pragma once

#include <string>

#include <unistd.h>

#include "net/address.hpp"

namespace ronda::test {

inline std::string own_address() {
  const int number = static_cast<int>(::getpid());
  return "127.77." + std::to_string(1 + number / 200 % 200) + "." +
         std::to_string(1 + number % 200);
}

inline std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

inline net::Endpoint endpoint(const std::string& host, std::uint16_t port) {
  return {*net::IpAddress::parse(host), port};
}

}  // namespace ronda::test
