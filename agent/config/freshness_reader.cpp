#include "agent/config/freshness_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "agent/config/field_table.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::agent {
namespace {

constexpr std::int64_t kFarthestSerial = 0x7fffffff;  // RFC 1982

}  // namespace

// A key that means nothing with this source.
void FreshnessReader::refuse(const ObjectView& view, std::string_view key,
                             const std::string& from) {
  if (view.has(key)) {
    problems_.error(view.place(key),
                    in_quotes(key) + " means nothing with \"from\": " + in_quotes(from));
  }
}

void FreshnessReader::read_source(const ObjectView& view, const std::string& from,
                                  ReadReport& report) {
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
void FreshnessReader::read_serial(const ObjectView& view, const std::string& from,
                                  ReadReport& report) {
  refuse(view, "header", from);
  refuse(view, "format", from);
  report.rule.in_seconds = false;
  report.rule.wraps = true;
  report.check.spec.protocol = probes::DnsCheck{.authoritative = true};
  if (const auto path = view.text("path")) {
    if (path->starts_with('/')) {
      problems_.error(view.place("path"), "\"path\": " + in_quotes(*path) +
                                              " is no zone; write its name, as in \"example.com\"");
    } else if (const auto set = probes::set_dns_name(report.check.spec, *path); !set) {
      problems_.error(view.place("path"), "\"path\": " + set.error());
    }
  }
}

void FreshnessReader::read_format(const ObjectView& view, const std::string& from,
                                  ReadReport& report) {
  auto& reading = std::get<probes::HttpCheck>(report.check.spec.protocol).reading;
  const auto format = view.text("format").value_or(from == "http_header" ? "http" : "unix");
  reading.format = format == "rfc3339"   ? probes::StampFormat::rfc3339
                   : format == "http"    ? probes::StampFormat::http
                   : format == "integer" ? probes::StampFormat::integer
                                         : probes::StampFormat::unix_seconds;
  report.rule.in_seconds = reading.format != probes::StampFormat::integer;
}

void FreshnessReader::read_max_lag(const ObjectView& view, ReadReport& report) {
  const Node* node = view.get("max_lag");
  if (node == nullptr) {
    return;  // missing or ill-shaped, and reported
  }
  const auto duration = view.duration("max_lag");
  if (report.rule.in_seconds && duration) {
    report.rule.max_lag = net::to_seconds(*duration);
  } else if (!report.rule.in_seconds && node->integer) {
    if (report.rule.wraps && *node->integer > kFarthestSerial) {
      problems_.error(node->place,
                      "\"max_lag\" must be at most " + std::to_string(kFarthestSerial) +
                          " here: serial numbers wrap, and no other is further behind");
    }
    report.rule.max_lag = static_cast<double>(*node->integer);
  } else {
    problems_.error(node->place, report.rule.in_seconds
                                     ? "\"max_lag\" must be a duration such as \"10m\" here"
                                     : "\"max_lag\" must be a whole number here, in steps of what "
                                       "is compared");
  }
}

std::optional<ReadReport> FreshnessReader::read(const Node& node) {
  const ObjectView view(node, freshness_keys(), "\"freshness\"", problems_);
  const auto from = view.text("from");
  if (!from) {
    return std::nullopt;
  }
  ReadReport report;
  report.like_its_check = true;
  report.check.is_report = true;
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
