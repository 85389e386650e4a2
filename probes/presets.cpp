#include "probes/presets.hpp"

#include <memory>
#include <utility>

namespace ronda::probes {

namespace {

StepScript script_of(const CheckSpec& check, const Caller& caller) {
  const auto& preset = std::get<PresetCheck>(check.protocol);
  switch (preset.preset) {
    case Preset::ssh:
      return ssh_script();
    case Preset::redis:
      return redis_script(preset.login);
    case Preset::memcached:
      return memcached_script();
    case Preset::ldap:
      return ldap_script(check);
    case Preset::mqtt:
      return mqtt_script(preset.login, caller);
    case Preset::sip:
      return sip_script(check, caller);
  }
  std::unreachable();
}

}  // namespace

std::unique_ptr<Dialogue> preset_dialogue(const CheckSpec& check, const Caller& caller) {
  return std::make_unique<StepDialogue>(script_of(check, caller), check.read_limit,
                                        check.tls == TlsMode::implicit);
}

}  // namespace ronda::probes
