#include "probes/certificate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>

namespace ronda::probes {

void judge_certificate(ProbeResult& result, const CheckSpec& check,
                       std::optional<net::WallTime> not_after, net::WallTime now) {
  result.cert_not_after = not_after;
  std::string remark;
  const bool passed = result.verdict == Verdict::pass || result.verdict == Verdict::warn;
  if (passed && not_after && *not_after - now < check.cert_warn) {
    result.verdict = Verdict::warn;
    result.code = result.code == Code::L7OK ? Code::L7OKC : result.code;
    remark = *not_after <= now ? "certificate ended " + net::format_rfc3339(*not_after)
                               : "certificate ends " + net::format_rfc3339(*not_after) +
                                     ", sooner than " + net::format_duration(check.cert_warn);
  }
  if (!check.tls_settings.verify) {
    remark += std::string(remark.empty() ? "" : ", ") + "certificate not verified";
  }
  if (!remark.empty()) {
    result.detail = printable(remark + (result.detail.empty() ? "" : "; ") + result.detail);
  }
}

namespace {

std::optional<int> number(std::string_view text) {
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<net::WallTime> parse_certificate_time(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() < 24 || !text.ends_with(" GMT") || text[3] != ' ' || text[6] != ' ' ||
      text[9] != ':' || text[12] != ':' || text[15] != ' ') {
    return std::nullopt;
  }
  const auto month = std::ranges::find(kMonths, text.substr(0, 3));
  const auto day = number(text.substr(4, 2));
  const auto hour = number(text.substr(7, 2));
  const auto minute = number(text.substr(10, 2));
  const auto second = number(text.substr(13, 2));
  const auto year = number(text.substr(16, text.size() - 20));
  if (month == kMonths.end() || !day || !hour || !minute || !second || !year) {
    return std::nullopt;
  }
  // Nanoseconds since 1970 in 64 bits end in 2262; certificates without an end say 9999.
  static constexpr int kLastYear = 2261;
  const auto date = std::chrono::year(std::min(*year, kLastYear)) /
                    std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1U) /
                    std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return net::WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace ronda::probes
