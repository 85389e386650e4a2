#include <array>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "agent/state/state_file.hpp"

namespace ronda::agent {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr std::array kStates = {HealthState::init, HealthState::up,     HealthState::falling,
                                HealthState::down, HealthState::rising, HealthState::held,
                                HealthState::stale};

std::unexpected<std::string> broken(const std::string& what) {
  return std::unexpected("is not a state file: " + what + "; it is ignored and written anew");
}

// Found by key and of the type asked for, else null.
const Json* member(const Json& object, const char* key, Json::value_t type) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return nullptr;
  }
  const bool number = type == Json::value_t::number_integer && found->is_number_integer();
  return number || found->type() == type ? &*found : nullptr;
}

// A count of nanoseconds since 1970.
std::optional<net::WallTime> time_of(const Json* number) {
  if (number == nullptr) {
    return std::nullopt;
  }
  if (number->is_number_unsigned() &&
      number->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return net::WallTime(net::Duration(number->get<std::int64_t>()));
}

std::optional<HealthState> state_of(const Json* text) {
  if (text == nullptr) {
    return std::nullopt;
  }
  for (const HealthState state : kStates) {
    if (text->get_ref<const std::string&>() == to_string(state)) {
      return state;
    }
  }
  return std::nullopt;
}

std::expected<void, std::string> read_probes(const Json& probes, SavedState& state) {
  for (const auto& [key, value] : probes.items()) {
    if (!value.is_object()) {
      return broken("probe " + key + " is not an object");
    }
    const auto health = state_of(member(value, "state", Json::value_t::string));
    if (!health) {
      return broken("probe " + key + " has no known state");
    }
    const auto since = time_of(member(value, "since_ns", Json::value_t::number_integer));
    if (!since) {
      return broken("probe " + key + " has no since_ns");
    }
    const Json* drained = member(value, "drained", Json::value_t::boolean);
    // The wall clock may have been set back while the probe stood in its state.
    state.probes[key] = {.state = *health,
                         .since = std::min(*since, state.saved_at),
                         .drained = drained != nullptr && drained->get<bool>()};
  }
  return {};
}

std::expected<void, std::string> read_managed(const Json& managed, SavedState& state) {
  for (const auto& [service, list] : managed.items()) {
    if (!list.is_array()) {
      return broken("managed addresses of " + service + " are not a list");
    }
    std::set<net::IpAddress>& addresses = state.managed[service];
    for (const Json& item : list) {
      const std::string* text = item.get_ptr<const std::string*>();
      const auto address = text != nullptr ? net::IpAddress::parse(*text) : std::nullopt;
      if (!address) {
        return broken("a managed address of " + service + " is not an address");
      }
      addresses.insert(*address);
    }
  }
  return {};
}

}  // namespace

std::string to_json(const SavedState& state) {
  Json root;
  root["version"] = kVersion;
  root["saved_at_ns"] = state.saved_at.time_since_epoch().count();
  Json& probes = root["probes"] = Json::object();
  for (const auto& [key, probe] : state.probes) {
    probes[key] = {{"state", to_string(probe.state)},
                   {"since_ns", probe.since.time_since_epoch().count()}};
    if (probe.drained) {
      probes[key]["drained"] = true;
    }
  }
  Json& managed = root["managed"] = Json::object();
  for (const auto& [service, addresses] : state.managed) {
    Json& list = managed[service] = Json::array();
    for (const net::IpAddress& address : addresses) {
      list.push_back(address.to_string());
    }
  }
  return root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::expected<SavedState, std::string> parse_state(std::string_view text, net::WallTime now) {
  const Json root = Json::parse(text, nullptr, false);
  if (root.is_discarded()) {
    return broken("its JSON is cut off or damaged");
  }
  if (!root.is_object()) {
    return broken("its JSON is not an object");
  }
  const Json* version = member(root, "version", Json::value_t::number_integer);
  if (version == nullptr) {
    return broken("it has no version");
  }
  if (*version != kVersion) {
    return std::unexpected("has version " + version->dump() + ", this ronda reads version " +
                           std::to_string(kVersion) + "; it is ignored and written anew");
  }
  const auto saved_at = time_of(member(root, "saved_at_ns", Json::value_t::number_integer));
  if (!saved_at) {
    return broken("it has no saved_at_ns");
  }
  if (*saved_at > now) {
    return std::unexpected("is dated in the future (" + net::format_rfc3339(*saved_at) +
                           ", now is " + net::format_rfc3339(now) +
                           "); it is ignored: check this host's clock");
  }
  SavedState state{.saved_at = *saved_at};
  const Json* probes = member(root, "probes", Json::value_t::object);
  const Json* managed = member(root, "managed", Json::value_t::object);
  if (probes == nullptr || managed == nullptr) {
    return broken("it has no probes or no managed addresses");
  }
  if (auto read = read_probes(*probes, state); !read) {
    return std::unexpected(std::move(read).error());
  }
  if (auto read = read_managed(*managed, state); !read) {
    return std::unexpected(std::move(read).error());
  }
  return state;
}

}  // namespace ronda::agent
