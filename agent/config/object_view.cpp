#include "agent/config/object_view.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "agent/config/suggestion.hpp"

namespace ronda::agent {
namespace {

constexpr net::Duration kShortest = std::chrono::milliseconds(10);
constexpr net::Duration kLongest = std::chrono::hours(24 * 366);

std::string not_built_sentence(std::string_view key, std::string_view without) {
  return in_quotes(key) + ": not built yet in this version; remove it (" + std::string(without) +
         ")";
}

std::string shape_names(unsigned shapes) {
  std::vector<std::string_view> names;
  if ((shapes & kText) != 0) {
    names.push_back("a string");
  }
  if ((shapes & kFlag) != 0) {
    names.push_back("true or false");
  }
  if ((shapes & kInteger) != 0) {
    names.push_back("a whole number");
  }
  if ((shapes & kNumber) != 0) {
    names.push_back("a number");
  }
  if ((shapes & kDuration) != 0) {
    names.push_back("a duration such as \"10s\"");
  }
  if ((shapes & kList) != 0) {
    names.push_back("a list");
  }
  if ((shapes & kObject) != 0) {
    names.push_back("an object");
  }
  std::string sentence;
  for (std::size_t i = 0; i < names.size(); ++i) {
    sentence += i == 0 ? "" : (i + 1 == names.size() ? " or " : ", ");
    sentence += names[i];
  }
  return sentence;
}

bool has_shape(const Node& value, unsigned shapes) {
  switch (value.kind) {
    case Node::Kind::text:
      return (shapes & (kText | kDuration)) != 0;
    case Node::Kind::flag:
      return (shapes & kFlag) != 0;
    case Node::Kind::number:
      return (shapes & (kInteger | kNumber)) != 0;
    case Node::Kind::list:
      return (shapes & kList) != 0;
    case Node::Kind::object:
      return (shapes & kObject) != 0;
    case Node::Kind::null:
      return false;
  }
  return false;
}

std::string shape_problem(const Key& key, const Node& value) {
  std::string sentence = in_quotes(key.name) + " must be " + shape_names(key.shapes) + ", not " +
                         to_string(value.kind);
  if (value.kind == Node::Kind::number && (key.shapes & kDuration) != 0) {
    sentence += "; write \"" + value.text + "s\"";
  } else if (value.kind == Node::Kind::text && key.shapes == kInteger) {
    sentence += "; write it without quotes";
  } else if (value.kind == Node::Kind::text && key.shapes == kFlag) {
    sentence += "; write true or false without quotes";
  } else if (value.kind == Node::Kind::text && key.shapes == kList) {
    sentence += "; write [\"" + value.text + "\"]";
  } else if (!key.form.empty()) {
    sentence += "; write " + std::string(key.form);
  }
  return sentence;
}

std::optional<double> number_of(const Node& value) {
  double number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [rest, error] = std::from_chars(value.text.data(), end, number);
  return error == std::errc() && rest == end && std::isfinite(number) ? std::optional(number)
                                                                      : std::nullopt;
}

std::string integer_problem(const Key& key, const Node& value) {
  if (value.integer && *value.integer >= key.low && *value.integer <= key.high) {
    return "";
  }
  return in_quotes(key.name) + " must be a whole number from " + std::to_string(key.low) + " to " +
         std::to_string(key.high) + ", not " + value.text.substr(0, 40);
}

std::string duration_problem(const Key& key, const Node& value) {
  const auto duration = net::parse_duration(value.text);
  if (!duration) {
    return in_quotes(key.name) + ": " + duration.error();
  }
  if (key.zero_duration && *duration == net::Duration::zero()) {
    return "";
  }
  if (*duration < kShortest || *duration > kLongest) {
    return in_quotes(key.name) + " must be from " + (key.zero_duration ? "0s" : "10ms") +
           " to 366d, not " + value.text;
  }
  return "";
}

std::string word_problem(const Key& key, const Node& value) {
  std::vector<std::string_view> known;
  for (const Word& word : key.words) {
    if (word.text == value.text) {
      return word.without.empty() ? ""
                                  : in_quotes(key.name) + ": " + in_quotes(word.text) +
                                        " is not built yet in this version; remove it (" +
                                        std::string(word.without) + ")";
    }
    if (word.without.empty()) {
      known.push_back(word.text);
    }
  }
  return in_quotes(key.name) + ": unknown word " + in_quotes(value.text) +
         suggest(value.text, known);
}

// Empty when the value may stand under the key.
std::string value_problem(const Key& key, const Node& value) {
  if (!has_shape(value, key.shapes)) {
    return shape_problem(key, value);
  }
  if (value.kind == Node::Kind::number && (key.shapes & kNumber) != 0) {
    return number_of(value) ? ""
                            : in_quotes(key.name) + " must be a number that fits, not " +
                                  value.text.substr(0, 40);
  }
  if (value.kind == Node::Kind::number) {
    return integer_problem(key, value);
  }
  // What else a key may be, its reader knows to say.
  const bool duration =
      key.shapes == kDuration || ((key.shapes & kDuration) != 0 && net::parse_duration(value.text));
  if (value.kind == Node::Kind::text && duration) {
    return duration_problem(key, value);
  }
  if (value.kind == Node::Kind::text && !key.words.empty()) {
    return word_problem(key, value);
  }
  return "";
}

}  // namespace

ObjectView::ObjectView(const Node& node, std::span<const Key> keys, std::string_view what,
                       Problems& problems, const ExplainUnknown& explain_unknown)
    : node_(node), keys_(keys) {
  if (node.kind != Node::Kind::object) {
    problems.error(node.place,
                   std::string(what) + " must be an object, not " + to_string(node.kind));
    return;
  }
  sound_.assign(node.items.size(), false);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    look_at(i, explain_unknown, problems);
  }
  for (const Key& key : keys) {
    if (key.required && !has(key.name)) {
      problems.error({node.place.begin, node.place.begin + 1},
                     std::string(what) + ": " + in_quotes(key.name) + " is missing");
    }
  }
}

void ObjectView::look_at(std::size_t index, const ExplainUnknown& explain_unknown,
                         Problems& problems) {
  const NodeKey& name = node_.keys[index];
  const Node& value = node_.items[index];
  const auto key = std::ranges::find(keys_, name.text, &Key::name);
  if (key == keys_.end()) {
    std::string more = explain_unknown ? explain_unknown(name.text) : "";
    if (more.empty()) {
      std::vector<std::string_view> known;
      for (const Key& each : keys_) {
        if (each.without.empty()) {
          known.push_back(each.name);
        }
      }
      more = suggest(name.text, known);
    }
    problems.error(name.place, "unknown key " + in_quotes(name.text) + more);
    return;
  }
  if (!key->without.empty()) {
    problems.error(name.place, not_built_sentence(key->name, key->without));
    return;
  }
  const std::string problem = value_problem(*key, value);
  if (problem.empty()) {
    sound_[index] = true;
  } else {
    problems.error(value.place, problem);
  }
}

const Node* ObjectView::get(std::string_view key) const {
  for (std::size_t i = 0; i < sound_.size(); ++i) {
    if (node_.keys[i].text == key) {
      return sound_[i] ? &node_.items[i] : nullptr;
    }
  }
  return nullptr;
}

std::optional<std::string> ObjectView::text(std::string_view key) const {
  const Node* value = get(key);
  return value != nullptr && value->kind == Node::Kind::text ? std::optional(value->text)
                                                             : std::nullopt;
}

std::optional<bool> ObjectView::flag(std::string_view key) const {
  const Node* value = get(key);
  return value != nullptr && value->kind == Node::Kind::flag ? std::optional(value->flag)
                                                             : std::nullopt;
}

std::optional<std::int64_t> ObjectView::integer(std::string_view key) const {
  const Node* value = get(key);
  return value != nullptr ? value->integer : std::nullopt;
}

std::optional<double> ObjectView::number(std::string_view key) const {
  const Node* value = get(key);
  return value != nullptr && value->kind == Node::Kind::number ? number_of(*value) : std::nullopt;
}

std::optional<net::Duration> ObjectView::duration(std::string_view key) const {
  const Node* value = get(key);
  if (value == nullptr || value->kind != Node::Kind::text) {
    return std::nullopt;
  }
  const auto duration = net::parse_duration(value->text);
  return duration ? std::optional(*duration) : std::nullopt;
}

std::span<const Node> ObjectView::list(std::string_view key) const {
  const Node* value = get(key);
  if (value == nullptr || value->kind != Node::Kind::list) {
    return {};
  }
  return value->items;
}

Place ObjectView::place(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr ? value->place : Place{node_.place.begin, node_.place.begin + 1};
}

}  // namespace ronda::agent
