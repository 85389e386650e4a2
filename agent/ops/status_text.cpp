#include "agent/ops/status_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace ronda::agent {
namespace {

constexpr std::size_t kNamedServices = 6;  // a Nagios line is read on a pager

enum class Color { none, red, green, yellow };

std::string colored(const std::string& text, Color color, bool enabled) {
  if (!enabled || color == Color::none) {
    return text;
  }
  const char* code = color == Color::red ? "31" : color == Color::green ? "32" : "33";
  return std::string("\033[") + code + "m" + text + "\033[0m";
}

Color color_of(ServiceState state) {
  switch (state) {
    case ServiceState::ok:
      return Color::green;
    case ServiceState::down:
      return Color::red;
    default:
      return Color::yellow;
  }
}

Color color_of(const ReplicaStatus& replica) {
  if (replica.state == HealthState::up) {
    return Color::green;
  }
  return replica.state == HealthState::down ? Color::red : Color::yellow;
}

// Control characters would speak to the terminal.
std::string safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet == 0x7f ? '?' : c;
  }
  return out;
}

std::string without_bar(std::string_view text) {
  std::string out = safe(text);
  std::replace(out.begin(), out.end(), '|', '/');
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += (out.empty() ? "" : " ") + safe(item);
  }
  return out.empty() ? "(none)" : out;
}

std::size_t up_count(const ServiceStatus& service) {
  return static_cast<std::size_t>(
      std::count_if(service.replicas.begin(), service.replicas.end(),
                    [](const ReplicaStatus& replica) { return replica.healthy; }));
}

int severity(const ServiceStatus& service) {
  Snapshot one;
  one.services.push_back(service);
  constexpr std::array<int, 4> kRank{0, 1, 3, 2};  // worst wins in the order 2, 3, 1, 0
  return kRank[static_cast<std::size_t>(exit_code(one))];
}

std::string short_line(const ServiceStatus& service) {
  std::string out = without_bar(service.service) + " ";
  if (service.state == ServiceState::unknown) {
    out += "not judged";
  } else {
    out +=
        std::to_string(up_count(service)) + "/" + std::to_string(service.replicas.size()) + " up";
  }
  const UpdateKind kind = service.update.kind;
  if (kind == UpdateKind::conflict || kind == UpdateKind::rejected || kind == UpdateKind::unknown) {
    out += std::string(", update ") + to_string(kind);
  } else if (kind == UpdateKind::skipped && service.wanted != service.published) {
    out += ", change pending";
  } else if (kind == UpdateKind::applied) {
    out += ", DNS updated";
  }
  const auto warned = std::ranges::count_if(service.replicas, warns);
  if (warned > 0) {
    out += ", " + std::to_string(warned) + (warned == 1 ? " warns" : " warn");
  }
  if (!service.alarms.empty()) {
    out += ", duel";
  }
  return out;
}

std::string performance_label(std::string_view name) {
  std::string out = "'";
  for (const char c : without_bar(name)) {
    out += c == '\'' ? std::string("''") : std::string(1, c == '=' ? '_' : c);
  }
  return out + "'";
}

std::string milliseconds(net::Duration duration) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f ms", net::to_seconds(duration) * 1000);
  return buffer.data();
}

using Row = std::vector<std::string>;

std::string said_by(const LastResult& last) {
  std::string said = safe(last.check);
  if (last.result.verdict == probes::Verdict::warn) {
    said += ": WARN";
  }
  if (!last.result.detail.empty()) {
    said += ": " + safe(last.result.detail);
  }
  return said + " (" + milliseconds(last.result.phases.total) + ")";
}

// Without records there is nothing to publish.
std::string place_of(const ReplicaStatus& replica, bool has_records) {
  if (!has_records) {
    return "";
  }
  return replica.published                         ? "published"
         : replica.withheld.kind == Withheld::none ? "not published"
                                                   : "withheld";
}

Row replica_row(const ReplicaStatus& replica, bool has_records) {
  Row row{safe(replica.replica), replica.address == replica.replica ? "" : safe(replica.address),
          to_string(replica.state), replica.counter, place_of(replica, has_records)};
  if (!replica.last) {
    row.insert(row.end(), {"-", "never probed"});
    return row;
  }
  row.push_back(probes::to_string(replica.last->result.code));
  std::string said = said_by(*replica.last);
  for (const ReportStatus& report : replica.reports) {
    said += "; " + safe(report.report) + ": " +
            (report.last ? safe(report.last->detail) : "nothing yet");
  }
  if (replica.withheld.kind != Withheld::none) {
    said += std::string("; ") + to_string(replica.withheld.kind);
  } else if (replica.waits.kind != Withheld::none) {
    said += std::string("; ") + to_string(replica.waits.kind) +
            ", stays for now: " + safe(replica.waits.why);
  }
  row.push_back(said);
  return row;
}

void append_replicas(std::string& out, const ServiceStatus& service, bool color) {
  std::vector<Row> rows;
  std::vector<std::size_t> widths;
  for (const ReplicaStatus& replica : service.replicas) {
    rows.push_back(replica_row(replica, service.type != "none"));
    widths.resize(rows.back().size());
    for (std::size_t i = 0; i < rows.back().size(); ++i) {
      widths[i] = std::max(widths[i], rows.back()[i].size());
    }
  }
  for (std::size_t line = 0; line < rows.size(); ++line) {
    out += "   ";
    for (std::size_t i = 0; i < rows[line].size(); ++i) {
      if (widths[i] == 0) {
        continue;
      }
      std::string cell = rows[line][i];
      const bool last = i + 1 == rows[line].size();
      const std::string padding(last ? 0 : widths[i] - cell.size(), ' ');
      if (i == 2) {
        cell = colored(cell, color_of(service.replicas[line]), color);
      }
      out += " " + cell + padding + (last ? "" : " ");
    }
    out += "\n";
    for (const LastResult& warning : service.replicas[line].warnings) {
      out += "      " + colored("look at", Color::yellow, color) + " " +
             probes::to_string(warning.result.code) + " " + said_by(warning) + "\n";
    }
  }
}

void append_update(std::string& out, const ServiceStatus& service) {
  const dnsupdate::Outcome& outcome = service.update.outcome;
  if (service.update.kind == UpdateKind::unchanged && outcome.detail.empty()) {
    return;
  }
  out += std::string("    update: ") + to_string(service.update.kind);
  if (outcome.rcode) {
    out += " " + dnsupdate::to_string(*outcome.rcode);
  }
  if (outcome.tsig_error) {
    out += " (TSIG " + dnsupdate::to_string(*outcome.tsig_error) + ")";
  }
  if (!outcome.server.empty()) {
    out += " by " + safe(outcome.server);
  }
  if (!outcome.detail.empty()) {
    out += ": " + safe(outcome.detail);
  }
  out += "\n";
}

void append_pending(std::string& out, const ServiceStatus& service) {
  if (service.pending_text.empty()) {
    return;
  }
  out += "    not sent; as nsupdate text:\n";
  std::string_view rest = service.pending_text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out += "      " + safe(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void append_service(std::string& out, const ServiceStatus& service, bool color) {
  out += "\n" + safe(service.service) + "  " + service.type + "  " +
         colored(to_string(service.state), color_of(service.state), color);
  if (service.mode == WriteMode::observe) {
    out += "  (observe: never writes)";
  }
  out += "\n";
  if (service.type != "none") {
    out += "    published: " + joined(service.published) + "\n";
    if (service.wanted != service.published) {
      out += "    wanted:    " + joined(service.wanted) + "\n";
    }
    if (!service.foreign.empty()) {
      out += "    foreign:   " + joined(service.foreign) + " (not in the config)\n";
    }
  }
  if (!service.reason.empty()) {
    out += "    because:   " + safe(service.reason) + "\n";
  }
  append_replicas(out, service, color);
  append_update(out, service);
  append_pending(out, service);
  for (const std::string& alarm : service.alarms) {
    out += "    " + colored("alarm:", Color::red, color) + " " + safe(alarm) + "\n";
  }
  if (!service.error.empty()) {
    out += "    " + colored("error:", Color::red, color) + " " + safe(service.error) + "\n";
  }
}

// A service's own error stands below the service already.
bool said_above(const Snapshot& snapshot, const std::string& error) {
  return std::any_of(
      snapshot.services.begin(), snapshot.services.end(), [&](const ServiceStatus& service) {
        return !service.error.empty() && error == service.service + ": " + service.error;
      });
}

bool changed(const ServiceStatus& service) {
  return service.update.kind != UpdateKind::unchanged || service.wanted != service.published ||
         !service.error.empty() || !service.alarms.empty() || service.state == ServiceState::down ||
         service.state == ServiceState::unknown;
}

}  // namespace

std::string replica_table(const ServiceStatus& service, bool color) {
  std::string out;
  append_replicas(out, service, color);
  return out;
}

const char* nagios_word(int exit_code) {
  constexpr std::array<const char*, 4> kWords{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  return exit_code >= 0 && exit_code < 4 ? kWords[static_cast<std::size_t>(exit_code)] : kWords[3];
}

int exit_of_nagios_line(const std::string& text) {
  for (int code = 0; code < 4; ++code) {
    if (text.starts_with(std::string("RONDA ") + nagios_word(code) + ":")) {
      return code;
    }
  }
  return 3;
}

std::string nagios_line(const Snapshot& snapshot) {
  std::vector<std::pair<int, const ServiceStatus*>> ordered;
  for (const ServiceStatus& service : snapshot.services) {
    ordered.emplace_back(-severity(service), &service);
  }
  std::ranges::sort(ordered);  // equals keep the config's order: that of their addresses in memory
  std::string said;
  for (std::size_t i = 0; i < std::min(ordered.size(), kNamedServices); ++i) {
    said += (i == 0 ? "" : ", ") + short_line(*ordered[i].second);
  }
  if (ordered.size() > kNamedServices) {
    said += " and " + std::to_string(ordered.size() - kNamedServices) + " more services";
  }
  if (!snapshot.errors.empty()) {
    said += (said.empty() ? "" : "; ") + without_bar(snapshot.errors.front());
  }
  std::string performance;
  for (const ServiceStatus& service : snapshot.services) {
    performance += (performance.empty() ? "|" : " ") + performance_label(service.service) + "=" +
                   std::to_string(up_count(service)) + ";;;0;" +
                   std::to_string(service.replicas.size());
  }
  return std::string("RONDA ") + nagios_word(exit_code(snapshot)) + ": " + said + performance;
}

std::string to_text(const Snapshot& snapshot, TextOptions options) {
  std::string body;
  for (const ServiceStatus& service : snapshot.services) {
    if (!options.changes_only || changed(service)) {
      append_service(body, service, options.color);
    }
  }
  std::string errors;
  for (const std::string& error : snapshot.errors) {
    if (!said_above(snapshot, error)) {
      errors += colored("error:", Color::red, options.color) + " " + safe(error) + "\n";
    }
  }
  if (!errors.empty()) {
    body += "\n" + errors;
  }
  if (options.changes_only && body.empty()) {
    return "";
  }
  return nagios_line(snapshot) + "\n" + body;
}

}  // namespace ronda::agent
