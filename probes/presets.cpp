#include "probes/presets.hpp"

#include <memory>
#include <utility>

namespace ronda::probes {

std::unique_ptr<Dialogue> preset_dialogue(const CheckSpec& check, const Caller& caller) {
  const auto& preset = std::get<PresetCheck>(check.protocol);
  const auto play = [&](StepScript script) {
    return std::make_unique<StepDialogue>(std::move(script), check.read_limit,
                                          check.tls == TlsMode::implicit);
  };
  switch (preset.preset) {
    case Preset::ssh:
      return play(ssh_script());
    case Preset::redis:
      return play(redis_script(preset.login));
    case Preset::memcached:
      return play(memcached_script());
    case Preset::ldap:
      return ldap_dialogue(check);
    case Preset::mqtt:
      return play(mqtt_script(preset.login, caller));
    case Preset::sip:
      return play(sip_script(check, caller));
  }
  std::unreachable();
}

}  // namespace ronda::probes
