#include "agent/ops/status_json.hpp"

#include <nlohmann/json.hpp>

namespace ronda::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <typename T>
Json name_or_null(const std::optional<T>& value) {
  return value ? Json(dnsupdate::to_string(*value)) : Json(nullptr);
}

Json last_json(const LastResult& last) {
  Json json = {{"check", last.check},
               {"verdict", probes::to_string(last.result.verdict)},
               {"code", probes::to_string(last.result.code)},
               {"detail", last.result.detail},
               {"seconds", net::to_seconds(last.result.phases.total)}};
  if (last.result.cert_not_after) {
    json["cert_not_after"] = net::format_rfc3339(*last.result.cert_not_after);
  }
  if (last.result.cert_chain_not_after) {
    json["cert_chain_not_after"] = net::format_rfc3339(*last.result.cert_chain_not_after);
  }
  return json;
}

Json withheld_json(const Withholding& withheld) {
  if (withheld.kind == Withheld::none) {
    return nullptr;
  }
  return {{"kind", to_string(withheld.kind)}, {"reason", withheld.why}};
}

Json reports_json(const ReplicaStatus& replica) {
  Json list = Json::array();
  for (const ReportStatus& report : replica.reports) {
    Json values = Json::object();
    if (report.last) {
      for (const probes::Measure& measure : report.last->reading.measures) {
        values[measure.name + (measure.part.empty() ? "" : " " + measure.part)] = measure.value;
      }
    }
    list.push_back(
        {{"report", report.report},
         {"values", std::move(values)},
         {"last", report.last ? last_json({report.report, *report.last}) : Json(nullptr)}});
  }
  return list;
}

Json replica_json(const ReplicaStatus& replica) {
  Json warnings = Json::array();
  for (const LastResult& warning : replica.warnings) {
    warnings.push_back(last_json(warning));
  }
  return {{"replica", replica.replica},
          {"address", replica.address},
          {"state", to_string(replica.state)},
          {"healthy", replica.healthy},
          {"admin", "none"},
          {"published", replica.published},
          {"withheld", withheld_json(replica.withheld)},
          {"waits", withheld_json(replica.waits)},
          {"counter", replica.counter},
          {"since", net::format_rfc3339(replica.since)},
          {"last", replica.last ? last_json(*replica.last) : Json(nullptr)},
          {"warnings", std::move(warnings)},
          {"reports", reports_json(replica)}};
}

Json update_json(const UpdateStatus& update) {
  return {{"outcome", to_string(update.kind)},
          {"rcode", name_or_null(update.outcome.rcode)},
          {"tsig_error", name_or_null(update.outcome.tsig_error)},
          {"server", update.outcome.server},
          {"detail", update.outcome.detail}};
}

Json service_json(const ServiceStatus& service) {
  Json replicas = Json::array();
  for (const ReplicaStatus& replica : service.replicas) {
    replicas.push_back(replica_json(replica));
  }
  Json json = {{"service", service.service},
               {"type", service.type},
               {"mode", to_string(service.mode)},
               {"state", to_string(service.state)},
               {"healthy", service.healthy},
               {"required", service.required},
               {"published", service.published},
               {"wanted", service.wanted},
               {"foreign", service.foreign},
               {"reason", service.reason},
               {"error", service.error},
               {"replicas", std::move(replicas)},
               {"update", update_json(service.update)},
               {"pending", service.pending_text}};
  json["alarms"] = service.alarms;
  return json;
}

Json message_json(const ZoneUpdate& update) {
  const dnsupdate::MessageOutcome& message = update.message;
  Json owners = Json::array();
  for (const dnsupdate::Name& owner : message.owners) {
    owners.push_back(owner.to_string());
  }
  return {{"zone", update.zone},
          {"outcome", dnsupdate::to_string(message.outcome.kind)},
          {"owners", std::move(owners)},
          {"serial", message.serial ? Json(*message.serial) : Json(nullptr)},
          {"seconds", net::to_seconds(message.elapsed)},
          {"visible_seconds",
           message.visible_after ? Json(net::to_seconds(*message.visible_after)) : Json(nullptr)},
          {"nudges", message.nudges},
          {"server", message.outcome.server},
          {"rcode", name_or_null(message.outcome.rcode)},
          {"detail", message.outcome.detail}};
}

Json parse(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

Json snapshot_json(const Snapshot& snapshot) {
  Json json = {{"schema", 1},
               {"mode", to_string(snapshot.mode)},
               {"exit", exit_code(snapshot)},
               {"at", net::format_rfc3339(snapshot.at)},
               {"services", Json::array()},
               {"updates", Json::array()},
               {"errors", snapshot.errors}};
  for (const ServiceStatus& service : snapshot.services) {
    json["services"].push_back(service_json(service));
    for (const std::string& alarm : service.alarms) {
      json["errors"].push_back(service.service + ": " + alarm);
    }
  }
  for (const ZoneUpdate& update : snapshot.updates) {
    json["updates"].push_back(message_json(update));
  }
  return json;
}

std::vector<std::string> strings_of(std::string_view json, const char* key) {
  std::vector<std::string> strings;
  const Json parsed = parse(json);
  if (!parsed.is_object() || !parsed.contains(key) || !parsed[key].is_array()) {
    return strings;
  }
  for (const Json& one : parsed[key]) {
    if (one.is_string()) {
      strings.push_back(one.get<std::string>());
    }
  }
  return strings;
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
  return dump(snapshot_json(snapshot), 2);
}

std::string to_json(const Snapshot& snapshot,
                    const std::vector<std::pair<std::string, std::string>>& facts) {
  Json json = snapshot_json(snapshot);
  for (const auto& [key, value] : facts) {
    json["try"][key] = value;
  }
  return dump(json, 2);
}

std::string failure_json(WriteMode mode, const std::vector<std::string>& errors, int exit) {
  const Json json = {{"schema", 1},
                     {"mode", to_string(mode)},
                     {"exit", exit},
                     {"services", Json::array()},
                     {"updates", Json::array()},
                     {"errors", errors}};
  return dump(json, 2);
}

std::string failure_json(int exit, const std::vector<std::string>& errors) {
  return dump(Json{{"schema", 1}, {"exit", exit}, {"errors", errors}}, 2);
}

std::optional<int> exit_of_status(std::string_view json) {
  const Json parsed = parse(json);
  if (!parsed.is_object() || !parsed.contains("exit") || !parsed["exit"].is_number_integer()) {
    return std::nullopt;
  }
  return parsed["exit"].get<int>();
}

std::vector<std::string> errors_of(std::string_view json) {
  return strings_of(json, "errors");
}

std::vector<std::string> told_of(std::string_view json) {
  return strings_of(json, "replicas");
}

std::string errors_json(const std::vector<std::string>& errors) {
  return dump(Json{{"errors", errors}}, -1);
}

std::string told_json(const std::vector<std::string>& replicas) {
  return dump(Json{{"ok", true}, {"replicas", replicas}}, -1);
}

}  // namespace ronda::agent
