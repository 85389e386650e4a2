#include "tests/support/named/dig.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/named/named_process.hpp"

namespace ronda::test {
namespace {

constexpr const char* kDig = "/usr/bin/dig";

}  // namespace

std::vector<std::string> dig(const std::string& address, std::uint16_t port,
                             const std::string& name, const std::string& type) {
  if (!std::filesystem::exists(kDig)) {
    throw std::runtime_error(std::string(kDig) +
                             " is missing: install the Debian package bind9-dnsutils");
  }
  const std::string output = run_command({kDig, "@" + address, "-p", std::to_string(port), "+short",
                                          "+norecurse", "+time=2", "+tries=2", name, type});
  std::vector<std::string> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind(";;", 0) == 0) {
      throw std::runtime_error("dig: " + line);
    }
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace ronda::test
