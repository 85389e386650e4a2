#include "probes/setters.hpp"
#include "probes/value_shapes.hpp"

namespace ronda::probes {

SetOutcome set_role(CheckSpec& check, const std::string& text) {
  if (text != "any" && text != "primary") {
    return std::unexpected(in_quotes(text) + " is neither \"any\" nor \"primary\"");
  }
  std::get<DatabaseCheck>(check.protocol).role = text == "primary" ? Role::primary : Role::any;
  return {};
}

}  // namespace ronda::probes
