// An exec check run: the program started without a shell and with nothing of ours but the
// environment it is given, one deadline, one result. A program past its deadline is ended behind
// the verdict, and runs never overlap: the next one waits until it is gone.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for exec checks.
[[nodiscard]] net::Handle run_exec(const Engines& engines, const CheckSpec& check,
                                   const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
