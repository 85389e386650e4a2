// Why a replica that its checks find healthy is all the same kept out of the answer: able, but
// withheld. A reason never makes it sick, so what is withheld is still the first to be used when
// there is too little else.
#pragma once

#include <cstdint>
#include <string>

namespace ronda::agent {

// In the order in which they are called back to fill a floor.
enum class Withheld : std::uint8_t {
  none,
  hot,      // a load above its high mark
  stale,    // its data is behind that of the others
  refused,  // its agent says down
  drained,  // it asks to be taken out: drain_status, or its agent says drain
};
const char* to_string(Withheld kind);

// A load or an age is an opinion of ours: it never opens another tier. A replica that asks to be
// left alone is one less for its tier.
constexpr bool leaves_tier(Withheld kind) {
  return kind >= Withheld::refused;
}

struct Withholding {
  Withheld kind = Withheld::none;
  std::string why{};  // "load_per_core 2.4 over 2.0"
  friend bool operator==(const Withholding&, const Withholding&) = default;
};

}  // namespace ronda::agent
