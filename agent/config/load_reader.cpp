#include "agent/config/load_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "agent/config/field_table.hpp"
#include "agent/config/suggestion.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::agent {
namespace {

constexpr net::Duration kAgentTtl = std::chrono::seconds(60);
constexpr std::string_view kNetwork = "network";

// Of node_exporter; one without a mark is watched only where it is asked for.
struct HostMeasure {
  std::string_view name{};
  double high = 0;
  double low = 0;
  bool share = false;  // of what there is
};
constexpr std::array kHostMeasures{
    HostMeasure{"load_per_core", 2.0, 1.5}, HostMeasure{"memory_used", 0.95, 0.90, true},
    HostMeasure{"disk_used", 0.95, 0.90, true}, HostMeasure{kNetwork}};

std::vector<Key> keys_of_load(const probes::Kind& kind) {
  std::vector<Key> keys = keys_of_report(kind);
  const auto marks = load_keys(kind.name);
  keys.insert(keys.end(), marks.begin(), marks.end());
  return keys;
}

std::string explain(const probes::Kind& kind, std::string_view key) {
  const bool mark = key == "high" || key == "low";
  return mark && kind.name == "node_exporter"
             ? R"(; marks stand with what they are for, as in "load_per_core": {"high": 2, "low": 1.5})"
             : "";
}

}  // namespace

const probes::Kind* LoadReader::read_kind(const Node& node) {
  std::vector<std::string_view> known;
  for (const probes::Kind& kind : probes::load_kinds()) {
    known.push_back(kind.name);
  }
  if (node.kind != Node::Kind::object) {
    problems_.error(node.place, std::string("a load is an object, not ") + to_string(node.kind));
    return nullptr;
  }
  const Node* type = node.find("type");
  if (type == nullptr || type->kind != Node::Kind::text) {
    problems_.error(type == nullptr ? Place{node.place.begin, node.place.begin + 1} : type->place,
                    type == nullptr
                        ? "this load has no \"type\"" + suggest("", known)
                        : std::string("\"type\" must be a string, not ") + to_string(type->kind));
    return nullptr;
  }
  const auto all = probes::load_kinds();
  const auto found = std::ranges::find(all, type->text, &probes::Kind::name);
  if (found == all.end()) {
    problems_.error(type->place,
                    "unknown type of load " + in_quotes(type->text) + suggest(type->text, known));
    return nullptr;
  }
  return &*found;
}

std::vector<ReadReport> LoadReader::read_load(std::span<const Node> items) {
  std::vector<ReadReport> reports;
  for (const Node& item : items) {
    if (auto report = read_one(item)) {
      reports.push_back(std::move(*report));
    }
  }
  return reports;
}

std::optional<ReadReport> LoadReader::read_one(const Node& node) {
  const probes::Kind* kind = read_kind(node);
  if (kind == nullptr) {
    return std::nullopt;
  }
  const std::vector<Key> keys = keys_of_load(*kind);
  const ObjectView view(node, keys, "this load", problems_,
                        [&](std::string_view key) { return explain(*kind, key); });
  ReadReport report;
  report.check.name = kind->name;
  report.check.place = {node.place.begin, node.place.begin + 1};
  checks_.fill(view, *kind, report.check);
  const net::Duration interval = report.check.timing.interval;
  report.rule.name = kind->name;
  report.rule.ttl = 3 * interval;
  if (kind->name == "agent") {
    const auto ttl = view.duration("agent_ttl");
    report.rule.ttl = ttl.value_or(std::max(kAgentTtl, 2 * interval));
    if (report.rule.ttl <= interval) {
      problems_.error(view.place("agent_ttl"), "\"agent_ttl\" " + net::format_duration(*ttl) +
                                                   " is not longer than \"interval\" " +
                                                   net::format_duration(interval) +
                                                   ": every word would expire before the next");
    }
    if (!report.check.port) {
      problems_.error(view.place("port"),
                      "a load of type \"agent\" has no port of its own; give it a \"port\"");
    }
  } else if (kind->name == "node_exporter") {
    read_host_marks(view, report);
  } else {
    const auto high = view.number("high");
    const auto low = view.number("low");
    if (high && low) {
      add_mark(view, {.measure = "number", .high = *high, .low = *low}, "low", report);
    }
    const auto& http = std::get<probes::HttpCheck>(report.check.spec.protocol);
    if (!report.check.port && http.reading.port != 0) {
      report.check.port = http.reading.port;
    }
  }
  return report;
}

void LoadReader::read_host_marks(const ObjectView& view, ReadReport& report) {
  for (const HostMeasure& measure : kHostMeasures) {
    const Node* node = view.get(measure.name);
    const bool watched = node == nullptr ? !view.has(measure.name) && measure.high > 0
                                         : node->kind == Node::Kind::object || node->flag;
    if (!watched) {
      continue;
    }
    Mark mark{.measure = std::string(measure.name), .high = measure.high, .low = measure.low};
    if (node != nullptr && node->kind == Node::Kind::object) {
      const ObjectView marks(*node, mark_keys(), "a mark", problems_);
      const auto high = marks.number("high");
      mark.high = high.value_or(measure.high);
      // As far below as where nobody says anything.
      const double share = measure.high > 0 ? measure.low / measure.high : 1;
      mark.low = marks.number("low").value_or(mark.high * share);
      if ((marks.has("high") && !high) || (marks.has("low") && !marks.number("low"))) {
        continue;  // reported
      }
    }
    if (mark.high <= 0) {
      problems_.error(view.place(measure.name),
                      in_quotes(measure.name) + " needs a \"high\" mark above 0" +
                          (measure.name == kNetwork ? ", in bytes a second" : ""));
      continue;
    }
    if (measure.share && mark.high > 1) {
      problems_.error(view.place(measure.name), in_quotes(measure.name) +
                                                    " is a share between 0 and 1, as in 0.95; a "
                                                    "\"high\" mark above 1 is never reached");
      continue;
    }
    add_mark(view, std::move(mark), measure.name, report);
  }
  if (report.rule.marks.empty()) {
    problems_.error(report.check.place, "this load watches nothing: every measure is false");
  }
}

void LoadReader::add_mark(const ObjectView& view, Mark mark, std::string_view place,
                          ReadReport& report) {
  if (mark.high <= 0) {
    problems_.error(view.place(view.has("high") ? "high" : place),
                    "\"high\" must be above 0: else every replica would be withheld for good");
  } else if (mark.low < 0) {
    problems_.error(view.place(place),
                    "\"low\" must not be negative: only a report below it brings "
                    "a replica back");
  } else if (mark.low > mark.high) {
    problems_.error(view.place(place),
                    "\"low\" is above \"high\": a replica would be withheld and released at once");
  } else if (mark.low == 0) {
    problems_.warning(view.place(place),
                      "\"low\" is 0: only a report below it brings a replica "
                      "back, and nothing is below 0");
  }
  report.rule.marks.push_back(std::move(mark));
}

// A key that means nothing with this source.
void LoadReader::refuse(const ObjectView& view, std::string_view key, const std::string& from) {
  if (view.has(key)) {
    problems_.error(view.place(key),
                    in_quotes(key) + " means nothing with \"from\": " + in_quotes(from));
  }
}

void LoadReader::read_source(const ObjectView& view, const std::string& from, ReadReport& report) {
  const bool dns = from == "dns_serial";
  report.check.kind = probes::find_kind(from.starts_with("http") ? "http" : dns ? "dns" : "ftp");
  report.check.spec.kind = "freshness";
  if (dns) {
    read_serial(view, from, report);
    return;
  }
  const auto path = view.text("path");
  if (from == "ftp_mdtm") {
    refuse(view, "header", from);
    refuse(view, "format", from);
    const bool sound = path && !path->empty() && std::ranges::none_of(*path, [](char c) {
                         return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                       });
    if (!sound) {
      problems_.error(view.place("path"), "\"path\": name the file whose time is asked for");
      return;
    }
    report.check.spec.protocol = probes::FtpCheck{.anonymous = true, .mdtm = *path};
    return;
  }
  probes::HttpCheck http{.reading = {.as = probes::ReadAs::stamp}};
  if (from == "http_header") {
    http.reading.header = view.text("header").value_or("Last-Modified");
    if (!probes::is_token(http.reading.header)) {
      problems_.error(view.place("header"),
                      "\"header\": " + in_quotes(http.reading.header) + " is not a header name");
    }
  } else {
    refuse(view, "header", from);
  }
  report.check.spec.protocol = std::move(http);
  if (path) {
    if (const auto set = probes::set_path(report.check.spec, *path); !set) {
      problems_.error(view.place("path"), "\"path\": " + set.error());
    }
  }
  read_format(view, from, report);
}

// The serial of the zone in `path`, or of the service's own.
void LoadReader::read_serial(const ObjectView& view, const std::string& from, ReadReport& report) {
  refuse(view, "header", from);
  refuse(view, "format", from);
  report.rule.in_seconds = false;
  report.rule.wraps = true;
  report.check.spec.protocol = probes::DnsCheck{.authoritative = true};
  if (const auto path = view.text("path")) {
    if (const auto set = probes::set_dns_name(report.check.spec, *path); !set) {
      problems_.error(view.place("path"), "\"path\": " + set.error());
    }
  }
}

void LoadReader::read_format(const ObjectView& view, const std::string& from, ReadReport& report) {
  auto& reading = std::get<probes::HttpCheck>(report.check.spec.protocol).reading;
  const auto format = view.text("format").value_or(from == "http_header" ? "http" : "unix");
  reading.format = format == "rfc3339"   ? probes::StampFormat::rfc3339
                   : format == "http"    ? probes::StampFormat::http
                   : format == "integer" ? probes::StampFormat::integer
                                         : probes::StampFormat::unix_seconds;
  report.rule.in_seconds = reading.format != probes::StampFormat::integer;
}

void LoadReader::read_max_lag(const ObjectView& view, ReadReport& report) {
  const Node* node = view.get("max_lag");
  if (node == nullptr) {
    return;  // missing or ill-shaped, and reported
  }
  const auto duration = view.duration("max_lag");
  if (report.rule.in_seconds && duration) {
    report.rule.max_lag = net::to_seconds(*duration);
  } else if (!report.rule.in_seconds && node->integer) {
    report.rule.max_lag = static_cast<double>(*node->integer);
  } else {
    problems_.error(node->place, report.rule.in_seconds
                                     ? "\"max_lag\" must be a duration such as \"10m\" here"
                                     : "\"max_lag\" must be a whole number here, in steps of what "
                                       "is compared");
  }
}

std::optional<ReadReport> LoadReader::read_freshness(const Node& node) {
  const ObjectView view(node, freshness_keys(), "\"freshness\"", problems_);
  const auto from = view.text("from");
  if (!from) {
    return std::nullopt;
  }
  ReadReport report;
  report.like_its_check = true;
  report.check.name = "freshness";
  report.check.place = {node.place.begin, node.place.begin + 1};
  read_source(view, *from, report);
  checks_.set_timing(view, report.check);
  if (const auto port = view.integer("port")) {
    report.check.port = static_cast<std::uint16_t>(*port);
  }
  report.rule.name = "freshness";
  report.rule.ttl = 3 * report.check.timing.interval;
  read_max_lag(view, report);
  return report;
}

}  // namespace ronda::agent
