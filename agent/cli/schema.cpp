#include "agent/config/schema.hpp"

#include "agent/cli/commands.hpp"
#include "agent/cli/output.hpp"

namespace ronda::agent {

int execute(const SchemaCommand&) {
  say(schema_text());
  return 0;
}

}  // namespace ronda::agent
