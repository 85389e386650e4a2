#include <algorithm>

#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

SetOutcome set_helo(CheckSpec& check, const std::string& text) {
  const bool literal = text.size() > 2 && text.starts_with('[') && text.ends_with(']') &&
                       std::ranges::all_of(text, is_visible);
  if (!literal && !is_name(text)) {
    return std::unexpected(in_quotes(text) +
                           " is neither a host name nor an address literal such as [192.0.2.1]");
  }
  std::get<SmtpCheck>(check.protocol).helo = text;
  return {};
}

SetOutcome set_rcpt(CheckSpec& check, const std::string& text) {
  const auto at = text.find('@');
  const bool shaped = at != std::string::npos && at > 0 && is_name(text.substr(at + 1)) &&
                      std::ranges::all_of(text, is_visible) &&
                      text.find_first_of("<>") == std::string::npos;
  if (!shaped) {
    return std::unexpected(in_quotes(text) +
                           " is no mailbox, write for example \"postmaster@example.com\"");
  }
  std::get<SmtpCheck>(check.protocol).rcpt = text;
  return {};
}

}  // namespace ronda::probes
