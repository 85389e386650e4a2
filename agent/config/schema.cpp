#include "agent/config/schema.hpp"

#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/config/field_table.hpp"
#include "probes/kinds.hpp"

namespace ronda::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kFarthestSerial = 0x7fffffff;  // RFC 1982

// Of keys whose values hold more than their shape tells.
using Inside = std::map<std::string_view, Json>;

Json reference(const std::string& name) {
  return {{"$ref", "#/definitions/" + name}};
}

Json list_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

Json map_of(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

Json either(std::vector<Json> choices) {
  return choices.size() == 1 ? std::move(choices.front()) : Json{{"anyOf", std::move(choices)}};
}

Json one_of(std::span<const std::string_view> words) {
  Json list = Json::array();
  for (const std::string_view word : words) {
    list.push_back(std::string(word));
  }
  return {{"enum", std::move(list)}};
}

Json integer_between(std::int64_t low, std::int64_t high) {
  Json json{{"type", "integer"}, {"minimum", low}};
  if (high != std::numeric_limits<std::int64_t>::max()) {
    json["maximum"] = high;
  }
  return json;
}

Json text_of(const Key& key) {
  if (key.words.empty()) {
    return {{"type", "string"}};
  }
  Json words = Json::array();
  for (const Word& word : key.words) {
    if (word.without.empty()) {
      words.push_back(std::string(word.text));
    }
  }
  return {{"enum", std::move(words)}};
}

Json value_of(const Key& key) {
  std::vector<Json> choices;
  const auto may_be = [&](unsigned shape) { return (key.shapes & shape) != 0; };
  if (may_be(kText)) {
    choices.push_back(text_of(key));
  }
  if (may_be(kFlag)) {
    choices.push_back({{"type", "boolean"}});
  }
  if (may_be(kInteger)) {
    choices.push_back(integer_between(key.low, key.high));
  }
  if (may_be(kNumber)) {
    choices.push_back({{"type", "number"}});
  }
  if (may_be(kDuration)) {
    choices.push_back(reference("duration"));
  }
  if (may_be(kList)) {
    choices.push_back({{"type", "array"}});
  }
  if (may_be(kObject)) {
    choices.push_back({{"type", "object"}});
  }
  return either(std::move(choices));
}

void add_keys(Json& object, std::span<const Key> keys, const Inside& inside) {
  for (const Key& key : keys) {
    if (!key.without.empty()) {
      continue;
    }
    const auto known = inside.find(key.name);
    object["properties"][std::string(key.name)] =
        known == inside.end() ? value_of(key) : known->second;
    if (key.required) {
      object["required"].push_back(std::string(key.name));
    }
  }
}

Json object_of(std::span<const Key> keys, const Inside& inside = {}) {
  Json object{{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  add_keys(object, keys, inside);
  return object;
}

Json step() {
  const Json text{{"type", "string"}};
  return {{"type", "object"},
          {"properties",
           {{"send", text},
            {"send_hex", text},
            {"expect", text},
            {"expect_hex", text},
            {"reject", text},
            {"starttls", {{"const", true}}}}},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

// One code or range, several in a text, or a list; none at all only where that is the default.
Json status_list(bool may_be_empty) {
  const Json code = integer_between(100, 599);
  const Json text{{"type", "string"}, {"pattern", may_be_empty ? "^[0-9 ,-]*$" : "^[0-9 ,-]+$"}};
  Json list = list_of(either({code, {{"type", "string"}, {"pattern", "^[0-9 ,-]+$"}}}));
  if (!may_be_empty) {
    list["minItems"] = 1;
  }
  return either({code, text, std::move(list)});
}

Json octets(std::size_t most) {
  return either({integer_between(512, static_cast<std::int64_t>(most)),
                 {{"type", "string"}, {"pattern", "^[0-9]+(B|[KMG]iB)?$"}}});
}

Json field_value(const probes::Field& field) {
  Json text{{"type", "string"}};
  if (!field.words.empty()) {
    return one_of(field.words);
  }
  switch (field.type) {
    case probes::FieldType::text:
    case probes::FieldType::path:
    case probes::FieldType::later_path:
    case probes::FieldType::login:
    case probes::FieldType::address:
    case probes::FieldType::pattern:
      return text;
    case probes::FieldType::flag:
      return {{"type", "boolean"}};
    case probes::FieldType::duration:
      return reference("duration");
    case probes::FieldType::size:
      return octets(std::size_t{16} * 1024 * 1024);
    case probes::FieldType::count:
      return integer_between(0, kFarthestSerial);  // the only ones counted
    case probes::FieldType::status_list:
      return status_list(field.key == "drain_status");
    case probes::FieldType::text_map:
      return map_of(text);
    case probes::FieldType::steps:
      return list_of(step());
    case probes::FieldType::command: {
      Json words = list_of(text);
      words["minItems"] = 1;
      return words;
    }
  }
  return Json::object();
}

void add_fields(Json& object, std::span<const probes::Field> fields) {
  for (const probes::Field& field : fields) {
    object["properties"][std::string(field.key)] = field_value(field);
    if (field.required) {
      object["required"].push_back(std::string(field.key));
    }
  }
}

void add_common_fields(Json& object, const probes::Kind& kind) {
  add_fields(object, probes::common_fields());
  Json& properties = object["properties"];
  for (const probes::Field& field : probes::common_fields()) {
    if (!probes::why_useless(kind, field.key).empty()) {
      properties.erase(std::string(field.key));
    }
  }
  if (properties.contains("tls")) {
    properties["tls"] = one_of(probes::tls_words(kind));
  }
  if (properties.contains("read_limit")) {
    properties["read_limit"] = octets(probes::most_read(kind));
  }
  if (!probes::why_useless(kind, "port").empty()) {
    properties.erase("port");
  }
}

Json check_of(const probes::Kind& kind) {
  Json check = object_of(check_keys());
  check["properties"]["type"] = {{"const", std::string(kind.name)}};
  add_common_fields(check, kind);
  add_fields(check, kind.fields);
  return check;
}

// Where a load begins and ends to count; `most` of shares.
Json marks(std::optional<int> most = {}) {
  const Json number{{"type", "number"}};
  Inside inside{{"high", number}, {"low", number}};
  inside["high"]["exclusiveMinimum"] = 0;
  inside["low"]["minimum"] = 0;
  if (most) {
    inside["high"]["maximum"] = *most;
  }
  return object_of(mark_keys(), inside);
}

Json load_of(const probes::Kind& kind) {
  Json load = object_of(report_keys());
  load["properties"]["type"] = {{"const", std::string(kind.name)}};
  add_common_fields(load, kind);
  add_fields(load, kind.fields);
  const Json flag{{"type", "boolean"}};
  Json network = marks();
  network["required"] = {"high"};
  add_keys(load, load_keys(kind.name),
           {{"load_per_core", either({flag, marks()})},
            {"memory_used", either({flag, marks(1)})},
            {"disk_used", either({flag, marks(1)})},
            {"network", either({{{"const", false}}, network})},
            {"high", marks()["properties"]["high"]},
            {"low", marks()["properties"]["low"]}});
  if (kind.default_port == 0) {
    load["required"].push_back("port");
  }
  return load;
}

Json when(const char* key, const char* word, Json then) {
  return {{"if", {{"properties", {{key, {{"const", word}}}}}, {"required", {key}}}},
          {"then", std::move(then)}};
}

// What is asked decides which keys mean something, and in what lags are counted.
Json freshness() {
  const Json whole = integer_between(0, std::numeric_limits<std::int64_t>::max());
  const Json duration = reference("duration");
  Json made = object_of(freshness_keys());
  Json by_format = when("format", "integer", {{"properties", {{"max_lag", whole}}}});
  by_format["else"] = {{"properties", {{"max_lag", duration}}}};
  made["allOf"] = {
      when("from", "http_header", by_format),
      when("from", "http_body",
           {{"properties", {{"header", false}}}, {"allOf", Json::array({by_format})}}),
      when("from", "ftp_mdtm",
           {{"properties", {{"header", false}, {"format", false}, {"max_lag", duration}}},
            {"required", {"path"}}}),
      when("from", "dns_serial",
           {{"properties",
             {{"path", {{"pattern", "^[^/]"}}},
              {"header", false},
              {"format", false},
              {"max_lag", integer_between(0, kFarthestSerial)}}}})};
  return made;
}

// One branch a kind, so that an editor speaks of the keys of the kind that is being written.
Json any_kind(Json& definitions, const std::string& prefix, std::span<const probes::Kind> kinds,
              Json (*object)(const probes::Kind&)) {
  Json names = Json::array();
  Json branches = Json::array();
  for (const probes::Kind& kind : kinds) {
    const std::string name(kind.name);
    names.push_back(name);
    definitions[prefix + name] = object(kind);
    branches.push_back({{"if", {{"properties", {{"type", {{"const", name}}}}}}},
                        {"then", reference(prefix + name)}});
  }
  return {{"type", "object"},
          {"properties", {{"type", {{"enum", std::move(names)}}}}},
          {"required", {"type"}},
          {"allOf", std::move(branches)}};
}

}  // namespace

std::string schema_text() {
  const Json text{{"type", "string"}};
  Json definitions;
  definitions["duration"] = {
      {"type", "string"},
      {"pattern", "^([0-9]+([.][0-9]+)?(d|h|m|s|ms|us|ns))+$"},
      {"description", "a number and a unit, such as \"250ms\", \"10s\" or \"1m30s\""}};
  definitions["check"] = any_kind(definitions, "check-", probes::kinds(), check_of);
  const Json checks = list_of(either({text, reference("check")}));
  definitions["replica"] =
      either({text, object_of(replica_keys(), {{"addresses", list_of(text)}, {"checks", checks}})});
  definitions["load"] = any_kind(definitions, "load-", probes::load_kinds(), load_of);
  definitions["service"] = object_of(service_keys(), {{"checks", checks},
                                                      {"load", list_of(reference("load"))},
                                                      {"freshness", freshness()},
                                                      {"replicas", list_of(reference("replica"))},
                                                      {"fallback", list_of(text)},
                                                      {"publish", {{"const", "all"}}},
                                                      {"failback", {{"const", "auto"}}}});
  definitions["zone"] = object_of(zone_keys(), {{"primary", either({text, list_of(text)})},
                                                {"tls", object_of(zone_tls_keys())}});
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "The configuration file of ronda"}};
  schema.update(object_of(top_keys(), {{"zones", list_of(reference("zone"))},
                                       {"defaults", object_of(default_keys())},
                                       {"checks", map_of(reference("check"))},
                                       {"services", list_of(reference("service"))},
                                       {"control", object_of(control_keys())}}));
  schema["definitions"] = std::move(definitions);
  return schema.dump(2) + "\n";
}

}  // namespace ronda::agent
