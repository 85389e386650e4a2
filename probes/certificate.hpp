// What a check says about the certificates it met: one that ends soon turns PASS into WARN, never
// into FAIL, and one that was not verified is named as such. What counts is the chain that was
// verified; without one, all that was presented. Verification itself happens in the handshake.
#pragma once

#include <string>
#include <vector>

#include "net/time.hpp"
#include "net/tls_certificates.hpp"
#include "probes/check.hpp"
#include "probes/result.hpp"
#include "probes/trace.hpp"

namespace ronda::probes {

void judge_certificate(ProbeResult& result, const CheckSpec& check,
                       const net::CertificateEnds& ends, net::WallTime now);

// For whoever watches; `presented` as net::describe_certificates makes it.
void note_certificates(Tracer& tracer, const std::vector<std::string>& presented,
                       const net::CertificateEnds& ends, net::Duration at);

}  // namespace ronda::probes
