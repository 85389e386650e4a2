// The presets that are a page of data: for each its harmless first exchange as a script for
// StepDialogue. One .cpp a protocol; nothing here is a machine.
#pragma once

#include "net/address.hpp"
#include "probes/check.hpp"
#include "probes/protocols.hpp"
#include "probes/step_dialogue.hpp"

namespace ronda::probes {

StepScript ssh_script();
StepScript redis_script(const Login& login);
StepScript memcached_script();
StepScript mqtt_script(const Login& login, const Caller& caller);
StepScript sip_script(const CheckSpec& check, const Caller& caller);

}  // namespace ronda::probes
