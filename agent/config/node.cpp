#include "agent/config/node.hpp"

namespace ronda::agent {
namespace {

std::string escape_pointer_token(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size() && i < items.size(); ++i) {
    if (keys[i].text == key) {
      return &items[i];
    }
  }
  return nullptr;
}

const char* to_string(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::flag:
      return "true or false";
    case Node::Kind::number:
      return "a number";
    case Node::Kind::text:
      return "a string";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::object:
      return "an object";
  }
  return "";
}

std::size_t find_bad_utf8(std::string_view text) {
  std::size_t i = 0;
  const auto octet = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto continues = [&](std::size_t at, unsigned low = 0x80, unsigned high = 0xBF) {
    return octet(at) >= low && octet(at) <= high;
  };
  while (i < text.size()) {
    const unsigned first = octet(i);
    if (first < 0x80) {
      i += 1;
    } else if (first >= 0xC2 && first <= 0xDF && continues(i + 1)) {
      i += 2;
    } else if (first >= 0xE0 && first <= 0xEF &&
               continues(i + 1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) &&
               continues(i + 2)) {
      i += 3;
    } else if (first >= 0xF0 && first <= 0xF4 &&
               continues(i + 1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) &&
               continues(i + 2) && continues(i + 3)) {
      i += 4;
    } else {
      return i;
    }
  }
  return std::string_view::npos;
}

std::string pointer_at(const Node& root, std::size_t offset) {
  std::string pointer;
  const Node* node = &root;
  while (true) {
    const Node* next = nullptr;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const Node& item = node->items[i];
      const bool is_object = node->kind == Node::Kind::object;
      const bool at_key =
          is_object && node->keys[i].place.begin <= offset && offset < node->keys[i].place.end;
      if (!at_key && (offset < item.place.begin || offset >= item.place.end)) {
        continue;
      }
      pointer += "/" + (is_object ? escape_pointer_token(node->keys[i].text) : std::to_string(i));
      next = at_key ? nullptr : &item;
      break;
    }
    if (next == nullptr) {
      return pointer;
    }
    node = next;
  }
}

}  // namespace ronda::agent
