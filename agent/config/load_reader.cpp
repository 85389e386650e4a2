#include "agent/config/load_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "agent/config/field_table.hpp"
#include "agent/config/suggestion.hpp"

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

std::vector<ReadReport> LoadReader::read(std::span<const Node> items) {
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
  report.check.is_report = true;
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
    read_url(view, report);
  }
  return report;
}

// What a whole URL names stands nowhere else: of two answers one would be believed in vain.
void LoadReader::read_url(const ObjectView& view, ReadReport& report) {
  const probes::CheckSpec& spec = report.check.spec;
  const auto url = view.text("url").value_or("");
  const bool whole = url.starts_with("http://") || url.starts_with("https://");
  if (!whole) {
    if (!report.check.port && spec.tls == probes::TlsMode::implicit) {
      report.check.port = 443;
    }
    return;
  }
  for (const std::string_view key : {"server_name", "port"}) {
    if (view.has(key)) {
      problems_.error(view.place(key), in_quotes(key) +
                                           " stands in the \"url\" already; leave it "
                                           "out, or make the \"url\" a path");
    }
  }
  const std::string_view fitting = url.starts_with("https://") ? "implicit" : "off";
  if (const auto tls = view.text("tls"); tls && *tls != fitting) {
    problems_.error(view.place("tls"), "\"tls\": " + in_quotes(*tls) +
                                           " contradicts the \"url\"; leave it out, and begin "
                                           "the URL with " +
                                           (fitting == "off" ? "https:// to ask over TLS"
                                                             : "http:// to ask in clear"));
  }
  report.check.port = std::get<probes::HttpCheck>(spec.protocol).reading.port;
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
  for (const Mark& mark : report.rule.marks) {
    std::get<probes::HttpCheck>(report.check.spec.protocol)
        .reading.measures.push_back(mark.measure);
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

}  // namespace ronda::agent
