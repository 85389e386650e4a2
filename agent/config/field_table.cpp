#include "agent/config/field_table.hpp"

#include <array>

namespace ronda::agent {
namespace {

constexpr Key key(std::string_view name, unsigned shapes) {
  return {.name = name, .shapes = shapes};
}

constexpr Key required(Key made) {
  made.required = true;
  return made;
}

constexpr Key range(std::string_view name, std::int64_t low, std::int64_t high) {
  return {.name = name, .shapes = kInteger, .low = low, .high = high};
}

constexpr Key words(std::string_view name, std::span<const Word> list) {
  return {.name = name, .shapes = kText, .words = list};
}

constexpr Key marks(std::string_view name, std::string_view form) {
  return {.name = name, .shapes = kObject | kFlag, .form = form};
}

constexpr Key not_built(std::string_view name, std::string_view without) {
  return {.name = name, .without = without};
}

constexpr std::int64_t kMaxTtl = 2147483647;  // RFC 2181 8

constexpr std::array kModes{Word{"enforce"}, Word{"observe"}};
constexpr std::array kTransports{Word{"auto"}, Word{"udp"}, Word{"tcp"}, Word{"tls"}};
constexpr std::array kRequire{Word{"all"}, Word{"any"}};
constexpr std::array kFamilies{Word{"together"}, Word{"apart"}};
constexpr std::array kAllDown{Word{"keep"}, Word{"all"}, Word{"fallback"}, Word{"none"}};
constexpr std::array kPublish{Word{"all"}};
constexpr std::array kFailback{
    Word{"auto"}, Word{"manual", "a lower tier hands back as soon as a better one is healthy"}};
constexpr std::array kForeign{Word{"keep"}, Word{"remove"}};
constexpr std::string_view kAddressesOnly = "this version manages A and AAAA records only";
constexpr std::array kTypes{Word{"A"},
                            Word{"AAAA"},
                            Word{"A+AAAA"},
                            Word{"none"},
                            Word{"MX", kAddressesOnly},
                            Word{"SRV", kAddressesOnly},
                            Word{"CNAME", kAddressesOnly}};
constexpr std::array kScopes{Word{"local"}, Word{"dependency"}};

constexpr std::string_view kNoGuard = "changes are written as the health checks say";

constexpr std::array kTopKeys{
    key("$schema", kText),
    words("mode", kModes),
    key("zones", kList),
    key("defaults", kObject),
    key("checks", kObject),
    required(key("services", kList)),
    key("control", kObject),
    key("state_dir", kText),
    key("allow_exec", kFlag),
    not_built("witnesses", "no address is asked before a whole service goes down"),
    not_built("brake", kNoGuard),
    not_built("damping", kNoGuard),
    not_built("budget", kNoGuard),
    not_built("listen", "\"ronda status\" reads the control socket"),
    not_built("include", "everything stands in this one file"),
    not_built("hooks", "transitions and updates are logged"),
};

constexpr std::array kZoneKeys{
    key("id", kText),
    required(key("zone", kText)),
    key("primary", kText | kList),
    required(key("key_file", kText)),
    key("key_name", kText),
    words("transport", kTransports),
    key("tls", kObject),
    key("source", kText),
    key("timeout", kDuration),
    key("reconcile", kDuration),
};

constexpr std::array kZoneTlsKeys{
    key("ca_file", kText),
    key("name", kText),
    key("pin", kText),
};

constexpr std::array kDefaultKeys{
    key("interval", kDuration),
    key("fast_interval", kDuration),
    key("timeout", kDuration),
    range("fall", 1, 100),
    range("rise", 1, 100),
    range("ok", 1, 100),
    Key{.name = "grace", .shapes = kDuration, .zero_duration = true},
    range("ttl", 0, kMaxTtl),
};

constexpr std::array kServiceKeys{
    key("id", kText),
    required(key("name", kText)),
    words("type", kTypes),
    key("zone", kText),
    words("mode", kModes),
    key("checks", kList),
    Key{.name = "require", .shapes = kText | kInteger, .words = kRequire, .low = 1, .high = 1000},
    range("ttl", 0, kMaxTtl),
    required(key("replicas", kList)),
    words("families", kFamilies),
    Key{.name = "min_healthy", .shapes = kText | kInteger, .high = 1'000'000},
    words("when_all_down", kAllDown),
    key("fallback", kList),
    Key{.name = "publish", .shapes = kText | kObject, .words = kPublish},
    Key{.name = "failback", .shapes = kText | kObject, .words = kFailback},
    words("foreign", kForeign),
    key("load", kList),
    key("freshness", kObject),
    not_built("requires", "replicas are judged by their own checks alone"),
    not_built("maintenance", "nothing is withdrawn by the calendar"),
    not_built("when_down", "it belongs to MX services, which are not built yet either"),
};

constexpr std::string_view kOtherTypes = "a replica is known by its \"address\"";

constexpr std::array kReplicaKeys{
    key("name", kText),
    key("address", kText),
    key("addresses", kList),
    range("port", 1, 65535),
    range("tier", 1, 1000),
    key("checks", kList),
    not_built("requires", "a replica is judged by its own checks alone"),
    not_built("maintenance", "nothing is withdrawn by the calendar"),
    not_built("exchange", kOtherTypes),
    not_built("preference", kOtherTypes),
    not_built("target", kOtherTypes),
    not_built("priority", kOtherTypes),
    not_built("weight", kOtherTypes),
};

constexpr std::array kControlKeys{key("socket", kText)};

constexpr std::array kCheckKeys{
    required(key("type", kText)),    range("port", 1, 65535),   key("interval", kDuration),
    key("fast_interval", kDuration), key("timeout", kDuration), range("fall", 1, 100),
    range("rise", 1, 100),           range("ok", 1, 100),       words("scope", kScopes),
    key("critical", kFlag),
};

constexpr std::array kReportKeys{
    required(key("type", kText)),
    range("port", 1, 65535),
    key("interval", kDuration),
    key("timeout", kDuration),
};
constexpr std::array kAgentKeys{key("agent_ttl", kDuration)};
constexpr std::array kHostKeys{
    marks("load_per_core", R"({"high": 2.0, "low": 1.5})"),
    marks("memory_used", R"({"high": 0.95, "low": 0.9})"),
    marks("disk_used", R"({"high": 0.95, "low": 0.9})"),
    marks("network", R"({"high": 1e8, "low": 8e7})"),
};
constexpr std::array kNumberKeys{required(key("high", kNumber)), required(key("low", kNumber))};
constexpr std::array kMarkKeys{key("high", kNumber), key("low", kNumber)};

constexpr std::array kFrom{Word{"http_header"}, Word{"http_body"}, Word{"ftp_mdtm"},
                           Word{"dns_serial"}};
constexpr std::array kFormats{Word{"unix"}, Word{"rfc3339"}, Word{"http"}, Word{"integer"}};
constexpr std::array kFreshnessKeys{
    required(words("from", kFrom)),
    key("path", kText),
    key("header", kText),
    words("format", kFormats),
    required(key("max_lag", kDuration | kInteger)),
    range("port", 1, 65535),
    key("interval", kDuration),
    key("timeout", kDuration),
};

}  // namespace

std::span<const Key> top_keys() {
  return kTopKeys;
}
std::span<const Key> zone_keys() {
  return kZoneKeys;
}
std::span<const Key> zone_tls_keys() {
  return kZoneTlsKeys;
}
std::span<const Key> default_keys() {
  return kDefaultKeys;
}
std::span<const Key> service_keys() {
  return kServiceKeys;
}
std::span<const Key> replica_keys() {
  return kReplicaKeys;
}
std::span<const Key> control_keys() {
  return kControlKeys;
}
std::span<const Key> report_keys() {
  return kReportKeys;
}
std::span<const Key> load_keys(std::string_view type) {
  return type == "agent"           ? std::span<const Key>(kAgentKeys)
         : type == "node_exporter" ? std::span<const Key>(kHostKeys)
                                   : std::span<const Key>(kNumberKeys);
}
std::span<const Key> mark_keys() {
  return kMarkKeys;
}
std::span<const Key> freshness_keys() {
  return kFreshnessKeys;
}
std::span<const Key> check_keys() {
  return kCheckKeys;
}

}  // namespace ronda::agent
