// Names with wildcards, as a shell has them: `*` for anything, also a slash, `?` for one octet.
// Time is at most the product of both lengths.
#pragma once

#include <string_view>

namespace ronda::agent {

bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace ronda::agent
