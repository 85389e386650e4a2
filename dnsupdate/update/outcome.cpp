#include "dnsupdate/update/outcome.hpp"

namespace ronda::dnsupdate {

const char* to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::applied:
      return "applied";
    case OutcomeKind::unchanged:
      return "unchanged";
    case OutcomeKind::conflict:
      return "conflict";
    case OutcomeKind::rejected:
      return "rejected";
    case OutcomeKind::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace ronda::dnsupdate
