#include "agent/health/withheld.hpp"

namespace ronda::agent {

const char* to_string(Withheld kind) {
  switch (kind) {
    case Withheld::none:
      return "none";
    case Withheld::hot:
      return "hot";
    case Withheld::stale:
      return "stale";
    case Withheld::refused:
      return "refused";
    case Withheld::drained:
      break;
  }
  return "drained";
}

}  // namespace ronda::agent
