#include "dnsupdate/wire/name.hpp"

#include <algorithm>
#include <cstdint>

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;

char lower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

std::size_t octet_value(char octet) {
  return static_cast<unsigned char>(octet);
}

bool is_digit(char octet) {
  return octet >= '0' && octet <= '9';
}

// Length octets are below 64, so lowering the whole of the wire form touches letters only.
std::strong_ordering compare(const std::string& a, const std::string& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = octet_value(lower(a[i]));
    const auto right = octet_value(lower(b[i]));
    if (left != right) {
      return left <=> right;
    }
  }
  return a.size() <=> b.size();
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string shown;
  for (const char octet : text.substr(0, kShown)) {
    shown += octet_value(octet) < 0x20 || octet_value(octet) > 0x7e ? '?' : octet;
  }
  return "\"" + shown + (text.size() > kShown ? "...\"" : "\"");
}

// One octet after a backslash: \X or \DDD. Advances `position` past it.
std::expected<char, std::string> unescape(std::string_view text, std::size_t& position) {
  const std::string_view rest = text.substr(position);
  if (rest.empty()) {
    return std::unexpected("the name " + quoted(text) + " ends in a lone backslash");
  }
  if (!is_digit(rest[0])) {
    ++position;
    return rest[0];
  }
  if (rest.size() < 3 || !is_digit(rest[1]) || !is_digit(rest[2])) {
    return std::unexpected("the name " + quoted(text) +
                           " has a backslash with fewer than three digits; write \\DDD");
  }
  const int value = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
  if (value > 255) {
    return std::unexpected("the name " + quoted(text) + " has the escape \\" +
                           std::string(rest.substr(0, 3)) + ", which is more than 255");
  }
  position += 3;
  return static_cast<char>(value);
}

std::expected<void, std::string> check_plain(std::string_view text, char octet) {
  if (octet_value(octet) > 0x7e) {
    return std::unexpected("the name " + quoted(text) +
                           " is not ASCII; write it as an A-label (xn--...)");
  }
  constexpr std::string_view kReserved = "\"();";
  if (octet <= ' ' || kReserved.find(octet) != std::string_view::npos) {
    return std::unexpected("the name " + quoted(text) +
                           " holds a space, quote, parenthesis, semicolon or control character; "
                           "escape it with a backslash if it is meant");
  }
  return {};
}

}  // namespace

std::expected<Name, std::string> Name::parse(std::string_view text) {
  if (text.empty()) {
    return std::unexpected("the name is empty; the root is written \".\"");
  }
  if (text == "@") {
    return std::unexpected("\"@\" means nothing here; write the whole name");
  }
  if (text == ".") {
    return Name();
  }
  std::string wire;
  std::string label;
  const auto finish_label = [&]() -> std::expected<void, std::string> {
    if (label.empty()) {
      return std::unexpected("the name " + quoted(text) + " has an empty label");
    }
    if (label.size() > kMaxLabel) {
      return std::unexpected("the name " + quoted(text) + " has a label of more than 63 octets");
    }
    wire += static_cast<char>(label.size());
    wire += label;
    label.clear();
    if (wire.size() + 1 > kMaxName) {
      return std::unexpected("the name " + quoted(text) + " is longer than 255 octets");
    }
    return {};
  };
  std::size_t position = 0;
  while (position < text.size()) {
    const char octet = text[position++];
    if (octet == '.') {
      if (const auto finished = finish_label(); !finished) {
        return std::unexpected(finished.error());
      }
    } else if (octet == '\\') {
      const auto escaped = unescape(text, position);
      if (!escaped) {
        return std::unexpected(escaped.error());
      }
      label += *escaped;
    } else if (const auto checked = check_plain(text, octet); !checked) {
      return std::unexpected(checked.error());
    } else {
      label += octet;
    }
  }
  const bool ended_with_dot = text.back() == '.' && label.empty();
  if (!ended_with_dot) {
    if (const auto finished = finish_label(); !finished) {
      return std::unexpected(finished.error());
    }
  }
  wire += '\0';
  return Name(std::move(wire));
}

std::expected<Name, std::string> Name::from_wire(std::string_view wire) {
  if (wire.size() > kMaxName) {
    return std::unexpected("a name is longer than 255 octets");
  }
  std::size_t position = 0;
  while (position < wire.size()) {
    const std::size_t length = octet_value(wire[position]);
    if (length > kMaxLabel) {
      return std::unexpected("a label length is over 63");
    }
    if (length == 0) {
      if (position + 1 != wire.size()) {
        return std::unexpected("a name has octets after its end");
      }
      return Name(std::string(wire));
    }
    position += 1 + length;
  }
  return std::unexpected("a name runs past its end");
}

std::string Name::to_string() const {
  if (is_root()) {
    return ".";
  }
  constexpr std::string_view kEscaped = "\"().;\\@$";
  std::string text;
  std::size_t position = 0;
  while (wire_[position] != '\0') {
    if (!text.empty()) {
      text += '.';
    }
    const std::size_t end = position + 1 + octet_value(wire_[position]);
    for (++position; position < end; ++position) {
      const char octet = wire_[position];
      const std::size_t value = octet_value(octet);
      if (value <= 0x20 || value >= 0x7f) {
        const std::string digits = std::to_string(value);
        text += '\\' + std::string(3 - digits.size(), '0') + digits;
      } else if (kEscaped.find(octet) != std::string_view::npos) {
        text += '\\';
        text += octet;
      } else {
        text += octet;
      }
    }
  }
  return text;
}

std::string Name::canonical_wire() const {
  std::string canonical = wire_;
  std::ranges::transform(canonical, canonical.begin(), lower);
  return canonical;
}

std::size_t Name::label_count() const {
  std::size_t count = 0;
  for (std::size_t position = 0; wire_[position] != '\0';
       position += 1 + octet_value(wire_[position])) {
    ++count;
  }
  return count;
}

bool Name::is_within(const Name& ancestor) const {
  const std::size_t own = label_count();
  const std::size_t wanted = ancestor.label_count();
  if (own < wanted) {
    return false;
  }
  std::size_t position = 0;
  for (std::size_t dropped = own - wanted; dropped > 0; --dropped) {
    position += 1 + octet_value(wire_[position]);
  }
  return compare(wire_.substr(position), ancestor.wire_) == std::strong_ordering::equal;
}

Name Name::parent() const {
  if (is_root()) {
    return *this;
  }
  return Name(wire_.substr(1 + octet_value(wire_[0])));
}

bool operator==(const Name& a, const Name& b) {
  return a.wire_.size() == b.wire_.size() &&
         compare(a.wire_, b.wire_) == std::strong_ordering::equal;
}

std::strong_ordering operator<=>(const Name& a, const Name& b) {
  return compare(a.wire_, b.wire_);
}

}  // namespace ronda::dnsupdate
