// One object of the config seen through its table of keys. Making the view reports unknown,
// unbuilt, missing and ill-shaped keys; what it hands out afterwards is well-formed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/field_table.hpp"
#include "agent/config/node.hpp"
#include "agent/config/problems.hpp"
#include "net/time.hpp"

namespace ronda::agent {

class ObjectView {
 public:
  // Says more about an unknown key; an empty answer means the usual suggestion.
  using ExplainUnknown = std::function<std::string(std::string_view key)>;

  // `node` may be of any kind: one that is no object is reported as `what` and the view is empty.
  // Node and table outlive the view.
  ObjectView(const Node& node, std::span<const Key> keys, std::string_view what, Problems& problems,
             const ExplainUnknown& explain_unknown = {});

  // The value of a key, when it stands there well-formed.
  const Node* get(std::string_view key) const;
  // True when the key stands there, well-formed or not.
  bool has(std::string_view key) const { return node_.find(key) != nullptr; }

  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<net::Duration> duration(std::string_view key) const;
  // The items of a list; none when it is absent.
  std::span<const Node> list(std::string_view key) const;

  // Where to point for a rule about this key: its value, else the object's first octet.
  Place place(std::string_view key) const;

 private:
  void look_at(std::size_t index, const ExplainUnknown& explain_unknown, Problems& problems);

  const Node& node_;
  std::span<const Key> keys_;
  std::vector<bool> sound_{};  // by index of the object's items
};

}  // namespace ronda::agent
