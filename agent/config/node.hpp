// A JSON text (RFC 8259, comments allowed) as a tree whose every value and key knows where it
// stands. Not a general JSON library: it keeps what a config reader needs and is bounded in depth
// and size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ronda::agent {

// Octet offsets into the text; `end` is one past the last.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct NodeKey {
  std::string text{};
  Place place{};
};

struct Node {
  enum class Kind : std::uint8_t { null, flag, number, text, list, object };

  Kind kind = Kind::null;
  bool flag = false;
  std::optional<std::int64_t> integer;  // of a number without fraction that fits
  std::string text;                     // of a text; a number as written
  Place place;
  std::vector<NodeKey> keys;  // of an object: keys[i] belongs to items[i]
  std::vector<Node> items;    // of a list or an object

  // The value of a key of this object; nullptr when absent. The first one of duplicates.
  const Node* find(std::string_view key) const;
};

const char* to_string(Node::Kind kind);  // "a list", "an object" ...

// A problem whose place is not yet turned into line and column.
struct Finding {
  Place place{};
  std::string message{};
};

// Offset of the first octet that starts no well-formed UTF-8 sequence (RFC 3629); npos: none.
std::size_t find_bad_utf8(std::string_view text);

// RFC 6901 pointer to the value or key that begins at `offset`, or to the innermost value around
// it.
std::string pointer_at(const Node& root, std::size_t offset);

}  // namespace ronda::agent
