#include "probes/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "probes/result.hpp"

namespace ronda::probes {

namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 64;
constexpr std::string_view kBlanks = " \t\r\n";

std::optional<double> number_of(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<double> number_at(std::string_view text, const std::string& pointer) {
  // What is deeper is read and thrown away: its memory is somebody else's to choose.
  const auto keep = [](int depth, Json::parse_event_t, const Json&) { return depth <= kDeepest; };
  const Json whole = Json::parse(text, keep, false);
  if (whole.is_discarded()) {
    return std::nullopt;
  }
  try {
    const Json& value = whole.at(Json::json_pointer(pointer));
    if (value.is_string()) {
      return number_of(value.get_ref<const std::string&>());
    }
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;  // nothing there
  }
}

std::string got(std::string_view text) {
  return text.empty() ? "nothing" : "\"" + printable(text, 60) + "\"";
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return false;
    }
  }
  return text.empty() || text.starts_with('/');
}

std::expected<double, std::string> parse_plain_number(std::string_view text) {
  std::string_view word = text;
  word.remove_prefix(std::min(word.find_first_not_of(kBlanks), word.size()));
  word = word.substr(0, word.find_last_not_of(kBlanks) + 1);
  const auto value = number_of(word);
  if (!value) {
    return std::unexpected("expected a number, got " + got(text));
  }
  return *value;
}

std::expected<double, std::string> find_json_number(std::string_view text,
                                                    std::string_view pointer) {
  if (is_json_pointer(pointer)) {
    if (const auto value = number_at(text, std::string(pointer))) {
      return *value;
    }
  }
  return std::unexpected("expected JSON with a number at \"" + printable(pointer, 60) + "\", got " +
                         got(text));
}

}  // namespace ronda::probes
