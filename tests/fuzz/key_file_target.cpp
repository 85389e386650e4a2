#include <cstdlib>

#include "dnsupdate/wire/key_file.hpp"
#include "tests/fuzz/targets.hpp"

namespace ronda::fuzz {

// Keys that are read have a name and a secret and can be chosen by name; errors are sentences.
void key_file(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto keys = dnsupdate::parse_key_file(text);
  if (!keys) {
    if (keys.error().empty()) {
      std::abort();
    }
    return;
  }
  for (const dnsupdate::TsigKeyPtr& key : *keys) {
    const auto chosen = dnsupdate::select_key(*keys, key->name.to_string());
    if (key->secret.empty() || key->name.is_root() || !chosen || *chosen != key) {
      std::abort();
    }
  }
}

}  // namespace ronda::fuzz
