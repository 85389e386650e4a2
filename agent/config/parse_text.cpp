#include "agent/config/parse_text.hpp"

#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

namespace ronda::agent {
namespace {

using Json = nlohmann::json;

// Hands octets to the parser and counts them: the library itself reports no positions of values.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  std::size_t* count_;
};

bool is_number_character(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// The library's sentence without its "parse error at line 1, column 2: " preamble and without its
// "last read", which may repeat the whole text.
std::string library_reason(std::string_view what) {
  what = what.substr(0, what.find("; last read: "));
  const auto error = what.find("syntax error");
  if (error == std::string_view::npos) {
    const auto bracket = what.find("] ");
    return std::string(bracket == std::string_view::npos ? what : what.substr(bracket + 2));
  }
  const auto dash = what.find(" - ", error);
  return std::string(dash == std::string_view::npos ? what.substr(error) : what.substr(dash + 3));
}

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::size_t& count) : text_(text), count_(count) {}

  bool null() { return add(leaf(Node::Kind::null, word_place(4))); }
  bool boolean(bool value) {
    Node node = leaf(Node::Kind::flag, word_place(value ? 4 : 5));
    node.flag = value;
    return add(std::move(node));
  }
  bool number_integer(Json::number_integer_t value) {
    Node node = number();
    node.integer = value;
    return add(std::move(node));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    Node node = number();
    if (std::in_range<std::int64_t>(value)) {
      node.integer = static_cast<std::int64_t>(value);
    }
    return add(std::move(node));
  }
  // 1000.0 and 1e3 are whole numbers as any other, up to where a double tells neighbours apart.
  bool number_float(Json::number_float_t value, const std::string&) {
    constexpr double kLargest = 9007199254740992.0;
    Node node = number();
    if (std::trunc(value) == value && std::fabs(value) <= kLargest) {
      node.integer = static_cast<std::int64_t>(value);
    }
    return add(std::move(node));
  }
  bool string(std::string& value) {
    Node node = leaf(Node::Kind::text, string_place());
    if (!is_clean(value, node.place)) {
      return false;
    }
    node.text = std::move(value);
    return add(std::move(node));
  }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(Node::Kind::object); }
  bool start_array(std::size_t) { return open(Node::Kind::list); }
  bool end_object() {
    note_duplicates(open_.back());
    return close();
  }
  bool end_array() { return close(); }
  bool key(std::string& value) {
    const Place place = string_place();
    if (!is_clean(value, place)) {
      return false;
    }
    open_.back().keys.push_back({std::move(value), place});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) {
    Place place{position == 0 ? 0 : position - 1, position};
    std::string reason = library_reason(error.what());
    if (position > text_.size() || reason.find("unexpected end of input") != std::string::npos) {
      place = {text_.size(), text_.size() + 1};
      failure_ = Finding{place, "the text ends too early: " + reason};
      return false;
    }
    if (reason.starts_with("unexpected string literal")) {
      place = string_place();
    } else if (reason.starts_with("unexpected number literal")) {
      place = number().place;
    }
    failure_ = Finding{place, "syntax error: " + reason + hint(place.begin)};
    return false;
  }

  std::optional<Finding> failure() const { return failure_; }
  Node take_root() { return std::move(root_); }
  std::vector<Finding> take_duplicates() { return std::move(duplicates_); }

 private:
  static Node leaf(Node::Kind kind, Place place) {
    Node node;
    node.kind = kind;
    node.place = place;
    return node;
  }

  bool is_clean(std::string_view value, Place place) {
    if (value.find('\0') == std::string_view::npos) {
      return true;
    }
    failure_ = Finding{place, "a string with a NUL (\\u0000); no value needs one"};
    return false;
  }

  // The parser announces a word, a string or a bracket when its last octet has just been read.
  Place word_place(std::size_t length) const { return {count_ - length, count_}; }

  Place string_place() const {
    std::size_t begin = count_ - 1;  // the closing quote
    while (begin > 0) {
      --begin;
      if (text_[begin] != '"') {
        continue;
      }
      std::size_t slashes = 0;
      while (slashes < begin && text_[begin - 1 - slashes] == '\\') {
        ++slashes;
      }
      if (slashes % 2 == 0) {
        break;
      }
    }
    return {begin, count_};
  }

  // A number is announced after the octet that ends it has been read, unless the text ended.
  Node number() const {
    std::size_t end = count_;
    while (end > 0 && !is_number_character(text_[end - 1])) {
      --end;
    }
    std::size_t begin = end;
    while (begin > 0 && is_number_character(text_[begin - 1])) {
      --begin;
    }
    Node node = leaf(Node::Kind::number, {begin, end});
    node.text = std::string(text_.substr(begin, end - begin));
    return node;
  }

  bool open(Node::Kind kind) {
    if (open_.size() == kMaxDepth) {
      failure_ = Finding{word_place(1), "nested more than " + std::to_string(kMaxDepth) +
                                            " levels deep; no config needs that"};
      return false;
    }
    open_.push_back(leaf(kind, word_place(1)));
    return true;
  }

  bool close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    node.place.end = count_;
    return add(std::move(node));
  }

  bool add(Node node) {
    if (++values_ > kMaxValues) {
      failure_ = Finding{node.place, "more than " + std::to_string(kMaxValues) + " values"};
      return false;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().items.push_back(std::move(node));
    }
    return true;
  }

  void note_duplicates(const Node& object) {
    std::unordered_set<std::string_view> seen;
    for (const NodeKey& key : object.keys) {
      if (!seen.insert(key.text).second) {
        duplicates_.push_back(
            {key.place, "duplicate key \"" + key.text + "\"; keep one of the two"});
      }
    }
  }

  // What people most often meant by a misplaced token.
  std::string hint(std::size_t offset) const {
    const auto before = text_.substr(0, offset).find_last_not_of(" \t\r\n");
    if (before == std::string_view::npos || offset >= text_.size()) {
      return "";
    }
    const char at = text_[offset];
    const char previous = text_[before];
    if ((at == '}' || at == ']') && previous == ',') {
      return "; remove the comma before it";
    }
    if (at == '\'') {
      return "; JSON quotes with \"";
    }
    if ((at == '"' || at == '{' || at == '[') &&
        (previous == '"' || previous == '}' || previous == ']' ||
         (previous >= '0' && previous <= '9'))) {
      return "; is a comma missing before it?";
    }
    return "";
  }

  std::string_view text_;
  const std::size_t& count_;
  Node root_;
  std::vector<Node> open_{};
  std::size_t values_ = 0;
  std::vector<Finding> duplicates_{};
  std::optional<Finding> failure_{};
};

}  // namespace

std::expected<ParsedText, Finding> parse_text(std::string_view text) {
  if (text.size() > kMaxTextSize) {
    return std::unexpected(Finding{{0, 1}, "larger than 64 MiB"});
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return std::unexpected(Finding{{nul, nul + 1}, "a NUL octet; this is no text file"});
  }
  if (const auto bad = find_bad_utf8(text); bad != std::string_view::npos) {
    return std::unexpected(Finding{{bad, bad + 1}, "invalid UTF-8; save the file as UTF-8"});
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::unexpected(Finding{{0, 1}, "empty; a config is a JSON object: { ... }"});
  }
  std::size_t count = 0;
  TreeBuilder builder(text, count);
  const char* begin = text.data();
  const bool read = Json::sax_parse(CountingIterator(begin, &count),
                                    CountingIterator(begin + text.size(), &count), &builder,
                                    Json::input_format_t::json, true, true);
  if (auto failure = builder.failure()) {
    return std::unexpected(std::move(*failure));
  }
  if (!read) {
    return std::unexpected(Finding{{0, 1}, "not JSON"});
  }
  return ParsedText{builder.take_root(), builder.take_duplicates()};
}

}  // namespace ronda::agent
