// The config as a JSON Schema (draft-07, which editors know), made from the very tables the reader
// works with: what exists in this version, and nothing else. It tells shapes, bounds and words;
// what one key means for another, and what files hold, `ronda validate` alone knows.
#pragma once

#include <string>

namespace ronda::agent {

std::string schema_text();

}  // namespace ronda::agent
