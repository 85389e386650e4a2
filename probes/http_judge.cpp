#include "probes/http_judge.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "probes/credentials.hpp"
#include "probes/dialogue.hpp"
#include "probes/http_report.hpp"
#include "probes/pattern.hpp"

namespace ronda::probes {

namespace {

std::string status_list(const std::vector<std::pair<int, int>>& ranges) {
  std::string text;
  for (const auto& [low, high] : ranges) {
    text += (text.empty() ? "" : ",") + std::to_string(low);
    if (high != low) {
      text += "-" + std::to_string(high);
    }
  }
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string slashed(std::string_view pattern) {
  return "/" + printable(pattern, 60) + "/";
}

// The first value of the header that matches (or, when none does, the first value at all).
struct HeaderSearch {
  std::optional<std::string_view> first{};
  std::optional<std::string_view> match{};
};

HeaderSearch search_header(const HttpReply& reply, std::string_view name,
                           const std::string& expression) {
  const Pattern pattern(expression);
  HeaderSearch found;
  for (const auto& [header, value] : reply.headers) {
    if (!same_name(header, name)) {
      continue;
    }
    found.first = found.first.value_or(value);
    if (!found.match && pattern.matches(value)) {
      found.match = value;
    }
  }
  return found;
}

// Of a redirect that is not followed.
std::string where_to(const HttpReply& reply) {
  constexpr int kRedirects = 3;  // 3xx
  const auto location = std::ranges::find_if(
      reply.headers, [](const auto& header) { return same_name(header.first, "Location"); });
  return reply.status / 100 == kRedirects && location != reply.headers.end() &&
                 !location->second.empty()
             ? " to " + printable(without_credentials(location->second), 60)
             : "";
}

bool is_among(int status, const std::vector<std::pair<int, int>>& ranges) {
  return std::ranges::any_of(
      ranges, [&](const auto& range) { return status >= range.first && status <= range.second; });
}

// What does not hold, or that it asks to be drained: either way nothing more is looked at.
std::optional<ProbeResult> head_verdict(const HttpCheck& http, const HttpReply& reply) {
  if (http.version == HttpVersion::two && reply.version != "2") {
    return make_fail(Code::L7RSP, "expected HTTP/2, got HTTP/" + printable(reply.version, 20));
  }
  if (is_among(reply.status, http.drain_status)) {
    ProbeResult result = make_pass(
        Code::L7OKC, "status " + std::to_string(reply.status) + " is in drain_status: drained");
    result.drained = true;
    return result;
  }
  if (!is_among(reply.status, http.status)) {
    return make_fail(Code::L7STS, "expected status " + status_list(http.status) + ", got " +
                                      std::to_string(reply.status) + where_to(reply));
  }
  for (const auto& [name, expression] : http.header) {
    const auto found = search_header(reply, name, expression);
    if (!found.match) {
      return make_fail(Code::L7RSP,
                       "expected header " + name + " to match " + slashed(expression) +
                           (found.first ? describe_got(*found.first) : ", but there is none"));
    }
  }
  for (const auto& [name, expression] : http.header_not) {
    const auto found = search_header(reply, name, expression);
    if (found.match) {
      return make_fail(Code::L7RSP, "expected header " + name + " not to match " +
                                        slashed(expression) + describe_got(*found.match));
    }
  }
  return std::nullopt;
}

std::optional<ProbeResult> body_problem(const HttpCheck& http, const HttpReply& reply) {
  const std::string looked_at =
      reply.cut ? " in its first " + std::to_string(reply.body.size()) + " bytes (read_limit)" : "";
  if (!http.body.empty() && !Pattern(http.body).matches(reply.body)) {
    return make_fail(Code::L7RSP, "expected body to match " + slashed(http.body) + looked_at +
                                      describe_got(reply.body));
  }
  if (!http.body_not.empty() && Pattern(http.body_not).matches(reply.body)) {
    return make_fail(Code::L7RSP,
                     "expected body not to match " + slashed(http.body_not) + ", but it does");
  }
  return std::nullopt;
}

ProbeResult passed(const CheckSpec& check, const HttpReply& reply) {
  std::string detail = "status " + std::to_string(reply.status);
  if (reply.cut) {
    detail += ", body cut at the " + std::to_string(check.read_limit) + " bytes of read_limit";
  }
  return make_pass(Code::L7OK, detail);
}

}  // namespace

ProbeResult judge_http_head(const CheckSpec& check, const HttpReply& reply) {
  const auto verdict = head_verdict(std::get<HttpCheck>(check.protocol), reply);
  return verdict ? *verdict : passed(check, reply);
}

ProbeResult judge_http(const CheckSpec& check, const HttpReply& reply) {
  const auto& http = std::get<HttpCheck>(check.protocol);
  if (const auto verdict = head_verdict(http, reply)) {
    return *verdict;
  }
  if (const auto problem = body_problem(http, reply)) {
    return *problem;
  }
  return http.reading.as == ReadAs::nothing ? passed(check, reply) : read_http_report(check, reply);
}

}  // namespace ronda::probes
