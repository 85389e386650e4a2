#include "probes/http_report.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "probes/dialogue.hpp"
#include "probes/exposition.hpp"
#include "probes/json_number.hpp"
#include "probes/stamp.hpp"

namespace ronda::probes {

namespace {

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

ProbeResult told(Reading reading, std::string_view detail) {
  ProbeResult result = make_pass(Code::L7OK, detail);
  result.reading = std::move(reading);
  result.reading.said = printable(detail, 120);
  return result;
}

// What a measure is made of; no disk but the host's own counts.
std::span<const std::string_view> metrics_of(std::string_view measure) {
  static constexpr std::array<std::string_view, 2> kLoad{"node_load1",
                                                         "node_cpu_seconds_total{mode=\"idle\"}"};
  static constexpr std::array<std::string_view, 2> kMemory{"node_memory_MemTotal_bytes",
                                                           "node_memory_MemAvailable_bytes"};
  static constexpr std::array<std::string_view, 2> kDisk{"node_filesystem_size_bytes",
                                                         "node_filesystem_avail_bytes"};
  static constexpr std::array<std::string_view, 2> kNetwork{"node_network_receive_bytes_total",
                                                            "node_network_transmit_bytes_total"};
  return measure == "load_per_core" ? kLoad
         : measure == "memory_used" ? kMemory
         : measure == "disk_used"   ? kDisk
                                    : kNetwork;
}

std::string why_missing(const std::string& measure, std::string_view body) {
  std::string text = "no " + measure + " among the metrics";
  for (const std::string_view metric : metrics_of(measure)) {
    if (body.find(metric.substr(0, metric.find('{'))) == std::string_view::npos) {
      return text + ": " + std::string(metric) + " is missing";
    }
  }
  return text;
}

ProbeResult read_metrics(const HttpReading& wanted, const HttpReply& reply) {
  auto reading = read_host_report(reply.body);
  if (!reading) {
    return make_fail(Code::L7RSP, reading.error());
  }
  std::string detail;
  std::size_t devices = 0;
  for (const Measure& measure : reading->measures) {
    devices += measure.part.empty() ? 0U : 1U;
    if (measure.part.empty()) {
      detail += (detail.empty() ? "" : ", ") + measure.name + " " + short_number(measure.value);
    }
  }
  if (devices > 0) {
    detail += (detail.empty() ? "" : ", ") + std::to_string(devices) + " network devices";
  }
  const bool of_hosts = !reading->empty() || reply.body.find("node_") != std::string::npos;
  for (const std::string& measure : wanted.measures) {
    if (of_hosts &&
        std::ranges::find(reading->measures, measure, &Measure::name) == reading->measures.end()) {
      return make_fail(Code::L7RSP, why_missing(measure, reply.body));
    }
  }
  if (reading->empty()) {
    return make_fail(Code::L7RSP, "expected metrics of node_exporter such as node_load1" +
                                      describe_got(std::string_view(reply.body).substr(0, 60)));
  }
  return told(std::move(*reading), detail);
}

ProbeResult read_number(const HttpReading& wanted, const HttpReply& reply) {
  const auto value = wanted.pointer.empty() ? parse_plain_number(reply.body)
                                            : find_json_number(reply.body, wanted.pointer);
  if (!value) {
    return make_fail(Code::L7RSP, value.error());
  }
  return told({.measures = {{.name = "number", .value = *value}}},
              "number " + short_number(*value));
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

ProbeResult read_stamp(const HttpReading& wanted, const HttpReply& reply) {
  std::string text = reply.body;
  if (!wanted.header.empty()) {
    const auto header = std::ranges::find_if(
        reply.headers, [&](const auto& one) { return same_name(one.first, wanted.header); });
    if (header == reply.headers.end()) {
      return make_fail(Code::L7RSP, "expected a header " + wanted.header + ", but there is none");
    }
    text = header->second;
  }
  const auto value = parse_stamp(text, wanted.format);
  if (!value) {
    return make_fail(Code::L7RSP,
                     (wanted.header.empty() ? "body: " : wanted.header + ": ") + value.error());
  }
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return told({.measures = {{.name = "stamp", .value = *value}}}, "stamp " + text);
}

}  // namespace

ProbeResult read_http_report(const CheckSpec& check, const HttpReply& reply) {
  const HttpReading& wanted = std::get<HttpCheck>(check.protocol).reading;
  if (reply.cut && wanted.header.empty()) {
    return make_fail(Code::L7RSP, "the report goes on past the " +
                                      std::to_string(check.read_limit) + " bytes of read_limit");
  }
  switch (wanted.as) {
    case ReadAs::metrics:
      return read_metrics(wanted, reply);
    case ReadAs::number:
      return read_number(wanted, reply);
    case ReadAs::stamp:
      return read_stamp(wanted, reply);
    case ReadAs::nothing:
      break;
  }
  return make_unknown("nothing is to be read");
}

}  // namespace ronda::probes
