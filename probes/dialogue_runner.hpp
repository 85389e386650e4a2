// A dialogue on a stream: one connection, one deadline, phase times, TLS where asked for, one
// result. After the verdict the stream lives on shortly so that a farewell arrives in good order;
// that never delays or changes the result.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for smtp, ftp and tcp checks.
[[nodiscard]] net::Handle run_dialogue(const Engines& engines, const CheckSpec& check,
                                       const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
