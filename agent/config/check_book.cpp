#include "agent/config/check_book.hpp"

#include <algorithm>
#include <utility>

#include "agent/config/suggestion.hpp"

namespace ronda::agent {

CheckBook::CheckBook(const Node* checks, CheckReader& reader, Problems& problems)
    : reader_(reader), problems_(problems) {
  if (checks == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < checks->keys.size(); ++i) {
    const NodeKey& key = checks->keys[i];
    if (key.text.empty()) {
      problems_.error(key.place, "a shared check needs a name");
      continue;
    }
    auto check = reader_.read(checks->items[i], key.text);
    const auto [at, added] =
        shared_.try_emplace(key.text, Shared{key.place, std::move(check), false});
    if (added) {
      names_.push_back(at->first);
    }
  }
}

const ReadCheck* CheckBook::find(const Node& item) {
  if (item.kind == Node::Kind::object) {
    auto check = reader_.read(item, "");
    return check ? &inline_.emplace_back(std::move(*check)) : nullptr;
  }
  if (item.kind != Node::Kind::text) {
    problems_.error(item.place,
                    std::string("a check is the name of a shared one or an object, not ") +
                        to_string(item.kind));
    return nullptr;
  }
  const auto shared = shared_.find(item.text);
  if (shared == shared_.end()) {
    problems_.error(item.place, "unknown check \"" + item.text + "\"" +
                                    (names_.empty() ? "; the config has no shared \"checks\""
                                                    : suggest(item.text, names_)));
    return nullptr;
  }
  shared->second.used = true;
  return shared->second.check ? &*shared->second.check : nullptr;
}

std::string CheckBook::free_name(const std::string& kind,
                                 std::span<const std::string> taken) const {
  std::string name = kind;
  const auto is_taken = [&] {
    return shared_.contains(name) || std::ranges::find(taken, name) != taken.end();
  };
  for (int number = 2; is_taken(); ++number) {
    name = kind + "-" + std::to_string(number);
  }
  return name;
}

CheckBook::List CheckBook::resolve(std::span<const Node> items) {
  List list;
  std::vector<std::string> inline_names;
  for (const Node& item : items) {
    const ReadCheck* check = find(item);
    if (check == nullptr) {
      list.sound = false;
    } else if (std::ranges::find(list.checks, check) != list.checks.end()) {
      problems_.error(item.place, "check \"" + item.text + "\" stands twice in this list");
    } else {
      list.checks.push_back(check);
    }
    if (check != nullptr && item.kind == Node::Kind::object) {
      inline_.back().name = free_name(check->name, inline_names);
      inline_names.push_back(check->name);
    }
  }
  return list;
}

std::vector<MemberCheck> CheckBook::take_unused() {
  std::vector<MemberCheck> unused;
  for (const auto& [name, shared] : shared_) {
    if (shared.used) {
      continue;
    }
    problems_.warning(shared.place, "check \"" + name + "\" is used by no service");
    if (const auto& check = shared.check) {
      const auto port = check->port.value_or(default_port(*check->kind, check->spec));
      unused.push_back({.name = name,
                        .spec = check->spec,
                        .endpoint = {.port = port},
                        .timing = check->timing,
                        .scope = check->scope,
                        .critical = check->critical});
    }
  }
  return unused;
}

}  // namespace ronda::agent
