#include "probes/trace.hpp"

#include <string>
#include <utility>

#include "probes/credentials.hpp"
#include "probes/login.hpp"
#include "probes/result.hpp"

namespace ronda::probes {
namespace {

constexpr std::size_t kShown = 1000;         // octets of one line
constexpr std::size_t kUnfinished = 16'384;  // a longer line is told in pieces
constexpr std::size_t kTelling = 4;          // octets of a secret

// In the others a newline is an octet as any other.
bool has_lines(const CheckSpec& check) {
  const auto* preset = std::get_if<PresetCheck>(&check.protocol);
  const bool in_octets =
      preset != nullptr && (preset->preset == Preset::ldap || preset->preset == Preset::mqtt);
  return !in_octets && !std::holds_alternative<DatabaseCheck>(check.protocol);
}

}  // namespace

Tracer::Tracer(OnTrace on_trace, const CheckSpec& check)
    : on_trace_(std::move(on_trace)),
      secrets_(secrets_of(check)),
      short_secrets_(short_secrets_of(check)),
      has_lines_(has_lines(check)) {}

void Tracer::hide(const std::string& secret) {
  if (!secret.empty()) {
    secrets_.push_back(secret);
  }
}

void Tracer::note(std::string_view text, net::Duration at) {
  tell_unfinished();
  tell(TraceKind::note, text, at);
}

void Tracer::sent(std::string_view bytes, net::Duration at) {
  if (!wanted()) {
    return;
  }
  tell_unfinished();
  // Before it is cut into lines: a secret of any octets may have a line's end in it.
  const std::string shown = probes::hide(std::string(bytes), secrets_);
  std::string_view rest = shown;
  if (has_lines_) {
    tell_lines(TraceKind::sent, rest, at);
  }
  if (!rest.empty()) {
    tell(TraceKind::sent, rest, at);
  }
}

void Tracer::heard(std::string_view bytes, net::Duration at) {
  if (!wanted()) {
    return;
  }
  unfinished_.append(bytes);
  unfinished_at_ = at;
  std::string_view rest = unfinished_;
  if (has_lines_) {
    tell_lines(TraceKind::heard, rest, at);
  }
  unfinished_.erase(0, unfinished_.size() - rest.size());
  if (!has_lines_ || unfinished_.size() > kUnfinished) {
    tell_unfinished();
  }
}

// What may be the beginning of a secret waits for its rest: that alone nobody would know.
void Tracer::tell_unfinished() {
  unfinished_ = probes::hide(std::move(unfinished_), secrets_);
  const std::size_t whole = unfinished_.size() - begun_secret(unfinished_, secrets_);
  if (whole > 0) {
    tell(TraceKind::heard, std::string_view(unfinished_).substr(0, whole), unfinished_at_);
    unfinished_.erase(0, whole);
  }
}

void Tracer::finish() {
  if (unfinished_.empty()) {
    return;
  }
  std::string last = probes::hide(std::exchange(unfinished_, {}), secrets_);
  // It may have been cut in the middle of a secret. Fewer octets tell less than hiding them would:
  // that there is a secret that begins so.
  if (const std::size_t begun = begun_secret(last, secrets_); begun >= kTelling) {
    last.replace(last.size() - begun, begun, "***");
  }
  tell(TraceKind::heard, last, unfinished_at_);
}

std::string Tracer::hidden(std::string detail) const {
  return printable(without_secrets(std::move(detail)));
}

std::string Tracer::without_secrets(std::string text) const {
  return without_credentials(hide_words(probes::hide(std::move(text), secrets_), short_secrets_));
}

void Tracer::tell_lines(TraceKind kind, std::string_view& bytes, net::Duration at) const {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    tell(kind, line, at);
    bytes.remove_prefix(end + 1);
  }
}

void Tracer::tell(TraceKind kind, std::string_view text, net::Duration at) const {
  if (wanted()) {
    on_trace_(
        {.kind = kind, .at = at, .text = printable(without_secrets(std::string(text)), kShown)});
  }
}

}  // namespace ronda::probes
