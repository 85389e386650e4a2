// What of a check must show in no text about it, and what of a text that comes from elsewhere:
// logins, headers, words of a command or a dialogue that by the name before them let somebody in,
// users in URLs. Guessed by names, as nobody marks them: rather too much is hidden than too little.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/check.hpp"

namespace ronda::probes {

// "Authorization", "X-Api-Key", "--password", "AUTH": what stands behind it is for nobody.
bool names_credential(std::string_view name);
// Longest first, so that none is left over in part.
std::vector<std::string> secrets_of(const CheckSpec& check);
// Those of fewer octets, which are only to be looked for as words.
std::vector<std::string> short_secrets_of(const CheckSpec& check);
// Of one header line; empty where it is no secret.
std::string secret_of_header(std::string_view line);
// Without the users of URLs and the values of telling parameters in their queries.
std::string without_credentials(std::string text);

}  // namespace ronda::probes
