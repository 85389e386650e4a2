// What a probe says and hears, line by line in its order and with its time, for a person who
// watches one probe
// (`ronda probe --explain`). No secret shows. Costs nothing when nobody watches.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/time.hpp"
#include "probes/check.hpp"

namespace ronda::probes {

enum class TraceKind : std::uint8_t { note, sent, heard };

struct TraceLine {
  TraceKind kind = TraceKind::note;
  net::Duration at{};  // since the probe began
  std::string text{};  // printable, without the line's end
};

using OnTrace = std::function<void(const TraceLine&)>;

// One for each probe; it alone knows what must not show in any text about it.
class Tracer {
 public:
  Tracer(OnTrace on_trace, const CheckSpec& check);

  void hide(const std::string& secret);
  bool wanted() const { return on_trace_ != nullptr; }
  void note(std::string_view text, net::Duration at);
  void sent(std::string_view bytes, net::Duration at);
  // Lines are told when they are whole, or when we say something; of a protocol that has no lines,
  // each piece as it comes.
  void heard(std::string_view bytes, net::Duration at);
  void finish();  // what is left of the last line
  // A result's detail, printable by now, as anybody may see it: at most 200 octets, the stars
  // counted.
  std::string hidden(std::string detail) const;

 private:
  std::string without_secrets(std::string text) const;
  void tell(TraceKind kind, std::string_view text, net::Duration at) const;
  void tell_lines(TraceKind kind, std::string_view& bytes, net::Duration at) const;
  void tell_unfinished();

  OnTrace on_trace_;
  std::vector<std::string> secrets_;
  std::vector<std::string> short_secrets_;
  bool has_lines_;
  std::string unfinished_{};
  net::Duration unfinished_at_{};  // when the last of it came
};

}  // namespace ronda::probes
