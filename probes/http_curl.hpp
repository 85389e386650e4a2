// The HTTP engine on libcurl: sends an HttpSpec to exactly one address, brings back an HttpReply or
// the reason there is none, and has http_judge decide. No proxy, no reuse of a
// connection, no name looked up: each check meets the replica afresh, and where redirects are
// followed they lead to the same address under other names.
#pragma once

#include "net/address.hpp"
#include "net/loop.hpp"
#include "probes/check.hpp"
#include "probes/probe.hpp"

namespace ronda::probes {

// As start_probe, for http and https checks.
[[nodiscard]] net::Handle run_http(const Engines& engines, const CheckSpec& check,
                                   const net::Endpoint& endpoint, OnResult on_result);

}  // namespace ronda::probes
