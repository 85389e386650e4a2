#include "probes/passive_port.hpp"

#include <array>
#include <charconv>
#include <string>

namespace ronda::probes {
namespace {

template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// `text` from the parenthesis on. The delimiter is any of 33 to 126; of a digit nobody could tell
// which octets are the port.
std::optional<std::uint16_t> between_delimiters(std::string_view text) {
  const char mark = text.size() > 1 ? text[1] : ' ';
  const std::string start{'(', mark, mark, mark};
  if (mark <= 32 || mark == 127 || (mark >= '0' && mark <= '9') || !text.starts_with(start)) {
    return std::nullopt;
  }
  text.remove_prefix(start.size());
  const auto port = take_number<std::uint16_t>(text);
  return port && text.starts_with(std::string{mark, ')'}) ? port : std::nullopt;
}

std::optional<std::uint16_t> extended_port(std::string_view text) {
  std::optional<std::uint16_t> port;
  for (auto open = text.find('('); open != std::string_view::npos && !port;
       open = text.find('(', open + 1)) {
    port = between_delimiters(text.substr(open));
  }
  return port;
}

// Six numbers, with or without the parentheses (RFC 1123 4.1.2.6).
std::optional<std::uint16_t> classic_port(std::string_view text) {
  text.remove_prefix(text.size() < 4 ? text.size() : 4);
  const auto start = text.find_first_of("0123456789");
  if (start == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(start);
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with(',')) {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
    const auto octet = take_number<std::uint8_t>(text);
    if (!octet) {
      return std::nullopt;
    }
    octets.at(i) = *octet;
  }
  return static_cast<std::uint16_t>(octets[4] * 256 + octets[5]);
}

}  // namespace

std::optional<std::uint16_t> passive_port(std::string_view reply) {
  const auto port = reply.starts_with("229") ? extended_port(reply) : classic_port(reply);
  return port && *port != 0 ? port : std::nullopt;
}

}  // namespace ronda::probes
