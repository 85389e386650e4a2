#include "agent/ops/probe_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace ronda::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string seconds_text(net::Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", net::to_seconds(duration));
  return text.data();
}

Json seconds_json(const std::optional<net::Duration>& duration) {
  return duration ? Json(net::to_seconds(*duration)) : Json(nullptr);
}

const char* word_of(probes::TraceKind kind) {
  switch (kind) {
    case probes::TraceKind::note:
      return "note";
    case probes::TraceKind::sent:
      return "sent";
    case probes::TraceKind::heard:
      break;
  }
  return "heard";
}

const char* sign_of(probes::TraceKind kind) {
  switch (kind) {
    case probes::TraceKind::note:
      return "*";
    case probes::TraceKind::sent:
      return ">";
    case probes::TraceKind::heard:
      break;
  }
  return "<";
}

// A check that needs no port has none.
std::string place_of(const net::Endpoint& endpoint) {
  return endpoint.port == 0 ? endpoint.ip.to_string() : endpoint.to_string();
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json outcome_json(const ProbeReport& report) {
  const probes::ProbeResult& result = report.result;
  Json json = {{"address", place_of(report.endpoint)},
               {"server_name", report.server_name},
               {"verdict", to_string(result.verdict)},
               {"code", to_string(result.code)},
               {"detail", result.detail},
               {"seconds", net::to_seconds(result.phases.total)},
               {"phases",
                {{"connect", seconds_json(result.phases.connect)},
                 {"tls", seconds_json(result.phases.tls)},
                 {"first_byte", seconds_json(result.phases.first_byte)}}}};
  if (result.cert_not_after) {
    json["cert_not_after"] = net::format_rfc3339(*result.cert_not_after);
  }
  if (result.cert_chain_not_after) {
    json["cert_chain_not_after"] = net::format_rfc3339(*result.cert_chain_not_after);
  }
  if (!report.dialogue.empty()) {
    json["dialogue"] = Json::array();
    for (const probes::TraceLine& line : report.dialogue) {
      json["dialogue"].push_back({{"seconds", net::to_seconds(line.at)},
                                  {"kind", word_of(line.kind)},
                                  {"text", line.text}});
    }
  }
  return json;
}

}  // namespace

int exit_code(const probes::ProbeResult& result) {
  switch (result.verdict) {
    case probes::Verdict::pass:
      return 0;
    case probes::Verdict::warn:
      return 1;
    case probes::Verdict::fail:
      return 2;
    case probes::Verdict::unknown:
      break;
  }
  return 3;
}

const ProbeReport& worst_of(const std::vector<ProbeReport>& reports) {
  const auto weight = [](const ProbeReport& report) {
    switch (report.result.verdict) {
      case probes::Verdict::pass:
        return 0;
      case probes::Verdict::warn:
        return 1;
      case probes::Verdict::unknown:
        return 2;
      case probes::Verdict::fail:
        break;
    }
    return 3;
  };
  return *std::ranges::max_element(reports, {}, weight);
}

std::string to_line(const ProbeReport& report) {
  std::string verdict = to_string(report.result.verdict);
  std::ranges::transform(verdict, verdict.begin(), [](char c) { return char(c - 'a' + 'A'); });
  return verdict + " " + to_string(report.result.code) + " " + report.check + " " +
         place_of(report.endpoint) + (report.as.empty() ? "" : " as " + report.as) + ": " +
         report.result.detail + " | time=" + seconds_text(report.result.phases.total) + "s\n";
}

std::string to_line(const probes::TraceLine& line) {
  return "  " + seconds_text(line.at) + " " + sign_of(line.kind) + " " + line.text + "\n";
}

std::string to_json(const std::vector<ProbeReport>& reports) {
  const ProbeReport& worst = worst_of(reports);
  Json json = {{"schema", 1},
               {"exit", exit_code(worst.result)},
               {"check", worst.check},
               {"type", worst.type}};
  json.update(outcome_json(worst));
  if (reports.size() > 1) {
    json["addresses"] = Json::array();
    for (const ProbeReport& report : reports) {
      json["addresses"].push_back(outcome_json(report));
    }
  }
  json["errors"] = Json::array();
  return dump(json);
}

}  // namespace ronda::agent
