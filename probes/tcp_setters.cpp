#include <utility>

#include "probes/octets.hpp"
#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

namespace {

std::expected<TcpStep, std::string> read_step(const std::string& key, const std::string& text) {
  if (key == "starttls") {
    if (text != "true") {
      return std::unexpected("starttls is written \"starttls\": true or left out");
    }
    return TcpStep{.kind = TcpStepKind::starttls, .text = {}};
  }
  if (text.empty()) {
    return std::unexpected(key + " must not be empty");
  }
  if (key == "expect" || key == "reject") {
    if (auto sound = check_pattern(text); !sound) {
      return std::unexpected(key + ": " + sound.error());
    }
    return TcpStep{.kind = key == "expect" ? TcpStepKind::expect : TcpStepKind::reject,
                   .text = text};
  }
  const bool hex = key.ends_with("_hex");
  if (key != "send" && key != "send_hex" && key != "expect_hex") {
    return std::unexpected(in_quotes(key) +
                           " is none of send, send_hex, expect, expect_hex, reject, starttls");
  }
  auto octets = hex ? parse_hex(text) : parse_escapes(text);
  if (!octets) {
    return std::unexpected(key + ": " + octets.error());
  }
  return TcpStep{.kind = key == "expect_hex" ? TcpStepKind::expect_bytes : TcpStepKind::send,
                 .text = std::move(*octets)};
}

}  // namespace

SetOutcome set_steps(CheckSpec& check, const std::vector<TextMap>& list) {
  std::vector<TcpStep> steps;
  for (std::size_t index = 0; index < list.size(); ++index) {
    const std::string place = "step " + std::to_string(index + 1) + ": ";
    const TextMap& entry = list[index];
    if (entry.size() != 1) {
      return std::unexpected(place + "wants exactly one key, for example {\"expect\": \"^220\"}");
    }
    auto step = read_step(entry.front().first, entry.front().second);
    if (!step) {
      return std::unexpected(place + step.error());
    }
    steps.push_back(std::move(*step));
  }
  std::get<TcpCheck>(check.protocol).steps = std::move(steps);
  return {};
}

}  // namespace ronda::probes
