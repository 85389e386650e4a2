// A TSIG key as nsupdate's options and commands spell it: "[hmac:]name:secret" in one word,
// "[hmac:]name secret" in two, and the pair of K files of older tools. Without an algorithm it is
// hmac-md5, as with nsupdate. The secret never appears in an error.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "dnsupdate/wire/tsig.hpp"

namespace ronda::dnsupdate {

using KeyOrError = std::expected<TsigKeyPtr, std::string>;

KeyOrError parse_key_option(std::string_view text);  // -y
KeyOrError parse_key_words(std::string_view name, std::string_view secret);
// K<name>.+<algorithm>+<id>.key: one KEY record. Such a file has the whole key; its .private twin
// repeats it.
KeyOrError parse_key_record(std::string_view text);

}  // namespace ronda::dnsupdate
