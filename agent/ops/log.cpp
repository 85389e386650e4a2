#include "agent/ops/log.hpp"

#include <array>
#include <cstdio>

namespace ronda::agent {
namespace {

bool needs_quotes(std::string_view value) {
  if (value.empty()) {
    return true;
  }
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= 0x20 || octet == 0x7f || c == '"' || c == '=' || c == '\\') {
      return true;
    }
  }
  return false;
}

std::string in_quotes(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (octet < 0x20 || octet == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(octet));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string to_string(const LogLine& line) {
  std::string out = line.event;
  for (const auto& [key, value] : line.fields) {
    out += " " + key + "=" + (needs_quotes(value) ? in_quotes(value) : value);
  }
  return out;
}

}  // namespace ronda::agent
