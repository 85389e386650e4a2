// Check objects of the config, shared or inline, driven by the table of kinds. What a check is for
// (which replica, which address) is not known here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.hpp"
#include "agent/config/files.hpp"
#include "agent/config/node.hpp"
#include "agent/config/object_view.hpp"
#include "agent/config/problems.hpp"
#include "agent/config/tls_files.hpp"
#include "probes/kinds.hpp"

namespace ronda::agent {

// What "defaults" says; unset is the built-in value.
struct Defaults {
  std::optional<net::Duration> interval{};
  std::optional<net::Duration> fast_interval{};
  std::optional<net::Duration> timeout{};
  std::optional<int> fall{};
  std::optional<int> rise{};
  std::optional<int> ok{};
  std::optional<net::Duration> grace{};
  std::optional<std::uint32_t> ttl{};
};

Defaults read_defaults(const Node& node, Problems& problems);

struct ReadCheck {
  std::string name{};
  Place place{};  // to point at for rules about the whole check
  const probes::Kind* kind = nullptr;
  probes::CheckSpec spec{};
  std::optional<std::uint16_t> port{};
  Timing timing{};
  Scope scope = Scope::local;
  bool critical = false;
  bool sound = true;       // false: a key of its kind was refused, so what it lacks may stand there
  bool is_report = false;  // of a load or a freshness
};

// The keys of a report of this kind, without those of its marks.
std::vector<Key> keys_of_report(const probes::Kind& kind);

class CheckReader {
 public:
  CheckReader(const Defaults& defaults, const Folders& folders, bool allow_exec, Problems& problems)
      : defaults_(defaults), folders_(folders), allow_exec_(allow_exec), problems_(problems) {}

  // Empty when the kind is unknown, so that nothing more can be said. `name` is empty for an inline
  // check, which is called by its kind.
  std::optional<ReadCheck> read(const Node& node, const std::string& name);
  // All that the keys of a kind and its timing say; `check` has its name and place.
  void fill(const ObjectView& view, const probes::Kind& kind, ReadCheck& check);
  void set_timing(const ObjectView& view, ReadCheck& check);

 private:
  const probes::Kind* read_kind(const Node& node);
  // False when the value was refused.
  bool set_field(const ObjectView& view, const probes::Field& field, probes::CheckSpec& spec);

  const Defaults& defaults_;
  const Folders& folders_;
  bool allow_exec_;
  Problems& problems_;
  TlsFiles tls_files_{};
};

}  // namespace ronda::agent
